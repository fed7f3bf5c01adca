using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>A model's thoughts in its answer: none of them becomes a post. Holds docs/contract.md section 6: the stream.</summary>
public sealed class AnswerThoughtTests
{
    private const string Posts = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n";
    private const string Draft = "A draft:\n{\"text\":\"DRAFT\"}\n";

    private static readonly string Long = string.Concat(Enumerable.Range(1, 300).Select(i => $"Line {i} of a thought.\n"));

    public static TheoryData<string> Thoughts =>
    [
        $"<think>\n{Draft}</think>\n{Posts}",
        $"<think>{Draft}</think>{Posts}",
        $"<thinking>\n{Draft}</thinking>\n{Posts}",
        $"<Thought>\n{Draft}</Thought>\n{Posts}",
        $"<reasoning>\n{Draft}</reasoning>\n\n{Posts}",
        $"<seed:think>{Draft}</seed:think>{Posts}",
        $"[THINK]{Draft}[/THINK]{Posts}",
        $"◁think▷{Draft}◁/think▷{Posts}",
        $"<|START_THINKING|>{Draft}<|END_THINKING|><|START_RESPONSE|>{Posts}<|END_RESPONSE|>",
        $"<|channel|>analysis<|message|>{Draft}<|end|><|start|>assistant<|channel|>final<|message|>{Posts}<|return|>",
        $"<|channel|>analysis<|message|>{Draft}<|channel|>commentary<|message|>{Draft}<|channel|>final\n{Posts}",
        $"<|channel>thought\n{Draft}<channel|>{Posts}<turn|>",
        $"<think>{Long}{Draft}</think>\n{Posts}",
        $"<think>\n\n</think>\n\n{Posts}",
        $"{Draft}</think>\n{Posts}",
        $"\nOkay, the user wants posts.\n{Draft}{Draft}{Draft}{Long}</think>{Posts}",
        $"<think>{{\"text\":\"DRAFT</think>\n{Posts}",
        $"<think>one{Draft}</think><think>two{Draft}</think>{Posts}",
        $"```json\n<think>{Draft}</think>\n{Posts}```",
        $"<|im_start|>{Posts}<|im_end|>",
        $"<think >\n{Draft}</think >\n{Posts}",
        $"< THINK time=\"3s\" >\n{Draft}</ Think>{Posts}",
        $"<antThinking>{Draft}</antThinking>{Posts}",
        $"<thought_process>{Draft}</thought_process>{Posts}",
        $"<inner_monologue>{Draft}</inner_monologue>{Posts}",
        $"<self_reflection>{Draft}</self_reflection>{Posts}",
        $"<chain_of_thought>{Draft}</chain_of_thought>{Posts}",
        $"<mm:think>{Draft}</mm:think>{Posts}",
        $"<longcat_think>{Draft}</longcat_think>{Posts}",
        $"<think_never_used_51bce0c785ca2f68081bfa7d91973934>{Draft}</think_never_used_51bce0c785ca2f68081bfa7d91973934>{Posts}",
        $"<|begin_of_thought|>{Draft}<|end_of_thought|>{Posts}",
        $"<|startofthink|>{Draft}<|endofthink|>{Posts}",
        $"<|thinking|>{Draft}<|/thinking|>{Posts}",
        $"<unused94>thought\n{Draft}<unused95>{Posts}",
        $"<details type=\"reasoning\" done=\"true\">\n<summary>Thought for 3 s</summary>\n{Draft}</details>\n{Posts}",
        $"Thinking...\n{Draft}...done thinking.\n\n{Posts}",
        $"Thinking…\n{Draft}…done thinking.\n\n{Posts}",
        $"**Reasoning**\n{Draft}**Final answer:**\n{Posts}",
        $"### Thoughts\n{Draft}### Answer\n{Posts}",
    ];

    [Theory]
    [MemberData(nameof(Thoughts))]
    public async Task Thought_BeforeTheAnswer_IsLeftOutWithoutAWord(string answer)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says(answer).Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Theory]
    [MemberData(nameof(Thoughts))]
    public void Thought_CutAnywhere_IsLeftOut(string answer)
    {
        for (var at = 1; at < Math.Min(answer.Length, 400); at++)
        {
            var reader = Briefs.ReaderFor(Briefs.Coffee with { Days = 1 });
            IEnumerable<WriterItem> items = [.. reader.Feed(answer[..at]), .. reader.Feed(answer[at..]), .. reader.End()];
            Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
        }
    }

    [Fact]
    public async Task Thought_BetweenPosts_IsLeftOut()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says($"{{\"text\":\"one\"}}\n<think>{Draft}</think>\n{{\"text\":\"two\"}}").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Fact]
    public async Task Thought_WithoutAnyMark_IsOneWarningHoweverLong()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says(Long + Posts).Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.OfType<DraftPost>().Select(p => p.Text));
        Assert.StartsWith("Lines 1 to 300 ", Assert.Single(items.OfType<WriterWarning>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thought_WithoutAnEnd_GivesNoPost()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says($"<think>\n{Draft}{Posts}").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee with { Days = 1 }));

        Assert.Equal("ai-invalid-answer", error.Code);
        Assert.Contains("thoughts", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one <think>two</think>")]
    [InlineData("</think>")]
    [InlineData("<|channel|>analysis")]
    [InlineData("[THINK] about {this}")]
    public async Task Mark_InTheTextOfAPost_IsText(string text)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts(text, "two").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal([text, "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    // Whether it was a thought cannot be known any more; what the AI gave stands, as it does when it breaks off between posts.
    [Fact]
    public async Task Answer_ThatBeginsWithProseAndBreaksOff_KeepsItsPosts()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says("Here are your posts:\n{\"text\":\"one\"}\n"));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        var posts = new List<string>();

        var error = await Assert.ThrowsAsync<WriterException>(async () =>
        {
            await foreach (var item in writer.ItemsAsync(Briefs.Coffee))
                posts.AddRange(item is DraftPost post ? [post.Text] : []);
        });

        Assert.Equal("ai-unavailable", error.Code);
        Assert.Equal(["one"], posts);
        Assert.Single(ai.Calls);
    }
}
