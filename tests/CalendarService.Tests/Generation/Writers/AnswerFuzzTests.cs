using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>
/// Answers that are cut, corrupted and put in disorder, by seeds: no crash, no hang, nothing stored that is no post, and never a run lost for
/// what one post did wrong. Longer, and another way through: <c>AI_FUZZ_ROUNDS=100000 AI_FUZZ_SEED=7 dotnet test tests/CalendarService.Tests
/// --filter AnswerFuzzTests</c>; a failure names its round.
/// </summary>
public sealed class AnswerFuzzTests
{
    private static readonly int Rounds = Setting("AI_FUZZ_ROUNDS", 3_000);
    private static readonly int Seed = Setting("AI_FUZZ_SEED", 20_261_126);
    private static readonly WritingBrief Brief = Briefs.Coffee with { Days = 3, PostsPerDay = 2 };

    private static readonly string[] Texts =
        ["one 😀", "naïve \"quotes\" and\na line", "日本 {brace} [list]", "<think>x</think>", "back\\slash \t tab", "last, but: not least"];

    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        "ai-auth", "ai-forbidden", "ai-quota", "ai-rate-limited", "ai-refused", "ai-unavailable", "ai-rejected", "ai-too-long", "ai-cut-off",
        "ai-invalid-answer",
    };

    [Fact]
    public void Answer_CutAtEveryByte_ReadsTheSame()
    {
        var random = new Random(Seed);
        var bytes = Encoding.UTF8.GetBytes(Script(random, disorder: false));

        for (var at = 1; at < bytes.Length; at++)
            Assert.Equal(Texts, Read(bytes[..at], bytes[at..]).Posts.Select(p => p.Text));
    }

    [Fact]
    public void Answer_InAnyOrderOfItsMembersAndAnyCut_ReadsTheSame()
    {
        for (var round = 0; round < Rounds / 10; round++)
        {
            var random = new Random(Seed + round);
            var result = Read(Cuts(random, Encoding.UTF8.GetBytes(Script(random, disorder: true))));
            Assert.True(Texts.SequenceEqual(result.Posts.Select(p => p.Text)), $"round {round}: {string.Join(" | ", result.Posts)}");
        }
    }

    [Fact]
    public void Answer_WithOneBrokenPost_KeepsTheOthersInTheirSlots()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(Seed + round);
            var broken = random.Next(Texts.Length);
            var lines = Texts.Select(text => JsonSerializer.Serialize(new { text })).ToArray();
            lines[broken] = Break(random, lines[broken]);
            var reader = Briefs.ReaderFor(Brief);

            List<WriterItem> items = [.. reader.Feed(string.Join('\n', lines) + "\n"), .. reader.End()];

            // The broken one may be mended, or take the one after it along; whatever stands is in its own slot.
            var slots = PostSlots.Plan(Brief).Select(slot => slot.EntryId).ToArray();
            var posts = items.OfType<DraftPost>().ToDictionary(post => post.EntryId, post => post.Text);
            var right = Enumerable.Range(0, Texts.Length)
                .Where(i => i != broken && posts.GetValueOrDefault(slots[i]) == Texts[i].Trim()).ToList();
            Assert.True(right.Count >= Texts.Length - 2, $"round {round}: {lines[broken]} gives {string.Join(" | ", posts)}");
        }
    }

    [Fact]
    public void Answer_OfCorruptedBytes_EndsInOrder()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(Seed + round);
            var bytes = Corrupt(random, Encoding.UTF8.GetBytes(Script(random, disorder: true)));
            var began = Stopwatch.GetTimestamp();

            var result = Read(Cuts(random, bytes));

            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"round {round} hangs");
            Assert.True(result.Error is null || Codes.Contains(result.Error.Code), $"round {round}: {result.Error?.Code}");
            Assert.All(result.Posts, post => AssertStorable(post, round));
            Assert.Equal(result.Posts.Count, result.Posts.Select(p => p.EntryId).Distinct().Count());
        }
    }

    [Fact]
    public async Task Answer_OfCorruptedBytes_EndsInOrderOverASocket()
    {
        for (var round = 0; round < Math.Max(20, Rounds / 100); round++)
        {
            var random = new Random(Seed + round);
            var reply = AiReply.Nothing().SplitEvery(random.Next(1, 200)).Raw(Corrupt(random, Encoding.UTF8.GetBytes(Script(random, true))));
            await using var ai = await StubAi.StartAsync(reply);
            await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 0);
            var items = new List<WriterItem>();
            try
            {
                await foreach (var item in writer.ItemsAsync(Brief).WithCancellation(TestContext.Current.CancellationToken))
                    items.Add(item);
            }
            catch (WriterException error)
            {
                Assert.Contains(error.Code, Codes);
            }

            Assert.All(items.OfType<DraftPost>(), post => AssertStorable(post, round));
        }
    }

    private static void AssertStorable(DraftPost post, int round)
    {
        var utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
        foreach (var text in post.Tags.Append(post.Text).Append(post.Link ?? "https://x.example"))
        {
            Assert.True(text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal), $"round {round}: {JsonSerializer.Serialize(text)}");
            utf8.GetBytes(text);
        }
    }

    private static (List<DraftPost> Posts, WriterException? Error) Read(params byte[][] cuts)
    {
        var (chat, answer, posts) = (new ChatReader(), Briefs.ReaderFor(Brief), new List<DraftPost>());
        try
        {
            foreach (var cut in cuts)
                Take(chat.Done ? [] : chat.Feed(cut));
            Take(chat.End());
            posts.AddRange(answer.End().OfType<DraftPost>());
            return (posts, null);
        }
        catch (WriterException error)
        {
            return (posts, error);
        }

        void Take(IEnumerable<ChatPiece> pieces)
        {
            foreach (var piece in pieces)
            {
                if (piece.Text is null)
                    answer.Lose();
                posts.AddRange(answer.Feed(piece.Text ?? "").OfType<DraftPost>());
            }
        }
    }

    private static string Script(Random random, bool disorder)
    {
        var answer = string.Concat(Texts.Select(text => JsonSerializer.Serialize(new { text, tags = new[] { "a" } }) + "\n"));
        var script = new StringBuilder();
        if (disorder && random.Next(2) == 0)
            answer = $"<think>\nA draft:\n{{\"text\":\"DRAFT\"}}\n</think>\n{answer}";
        for (int at = 0, length; at < answer.Length; at += length)
        {
            length = Math.Min(disorder ? random.Next(1, 40) : 40, answer.Length - at);
            script.Append(Event(random, disorder, ("delta", new { content = answer.Substring(at, length) }), ("finish_reason", null)));
        }

        return script.Append(Event(random, disorder, ("delta", new { }), ("finish_reason", "stop"))).Append("data: [DONE]\n\n").ToString();
    }

    private static string Event(Random random, bool disorder, params (string, object?)[] choice)
    {
        (string, object?)[] members =
        [
            ("id", disorder && random.Next(4) == 0 ? null : "c"), ("created", disorder && random.Next(4) == 0 ? "now" : 1),
            ("choices", new[] { Shuffled([("index", 0), .. choice]) }), ("usage", null),
        ];
        return $"data: {JsonSerializer.Serialize(Shuffled(members))}{(disorder && random.Next(3) == 0 ? "\r\n\r\n" : "\n\n")}";

        Dictionary<string, object?> Shuffled((string Name, object? Value)[] all)
        {
            if (disorder)
                random.Shuffle(all);
            return all.ToDictionary(member => member.Name, member => member.Value);
        }
    }

    private static string Break(Random random, string line) => random.Next(7) switch
    {
        0 => line[..random.Next(8, line.Length)],
        1 => line.Remove(random.Next(9, line.Length), 1),
        2 => line.Insert(random.Next(9, line.Length), "\""),
        3 => line.Insert(random.Next(9, line.Length), "\n"),
        4 => line.Insert(random.Next(9, line.Length), "\\"),
        5 => line.Insert(random.Next(9, line.Length), "}"),
        _ => "{\"text\":" + random.Next(10) + "}",
    };

    private static byte[] Corrupt(Random random, byte[] bytes)
    {
        var corrupted = bytes.ToList();
        for (var i = random.Next(1, 6); i > 0 && corrupted.Count > 10; i--)
        {
            var at = random.Next(corrupted.Count);
            switch (random.Next(5))
            {
                case 0: corrupted[at] = (byte)random.Next(256); break;
                case 1: corrupted.Insert(at, (byte)random.Next(256)); break;
                case 2: corrupted.RemoveRange(at, Math.Min(random.Next(1, 60), corrupted.Count - at)); break;
                case 3: corrupted.InsertRange(at, corrupted.GetRange(at, Math.Min(random.Next(1, 200), corrupted.Count - at))); break;
                default: corrupted.InsertRange(at, "\\ud83d"u8.ToArray()); break;
            }
        }

        return [.. corrupted];
    }

    private static byte[][] Cuts(Random random, byte[] bytes)
    {
        var cuts = new List<byte[]>();
        for (int at = 0, length; at < bytes.Length; at += length)
            cuts.Add(bytes[at..(at + (length = Math.Min(random.Next(1, 300), bytes.Length - at)))]);
        return [.. cuts];
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
