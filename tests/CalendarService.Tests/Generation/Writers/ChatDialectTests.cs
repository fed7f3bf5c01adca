using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>
/// What servers that say that they speak OpenAI's protocol really send, by their documentation and trackers: every script is a good answer
/// of two posts. Holds docs/contract.md section 6: the stream.
/// </summary>
public sealed class ChatDialectTests
{
    private const string One = "{\"text\":\"one\"}\n";
    private const string Two = "{\"text\":\"two\"}\n";
    private const string Both = One + Two;
    private const string Draft = "{\"text\":\"DRAFT\"}\n";
    private const string Done = "data: [DONE]\n\n";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly string End = Choice("""{"index":0,"delta":{},"finish_reason":"stop"}""") + Done;

    public static TheoryData<string, string> Scripts => new()
    {
        { "OpenAI", Piece(One) + Piece(Two) + End },
        { "OpenAI: a last chunk of usage only", Piece(Both) + Choice("""{"index":0,"delta":{},"finish_reason":"stop"}""")
            + Data("""{"choices":[],"usage":{"total_tokens":7}}""") + Done },
        {
            "Azure: the filter's results first, and between", Data("""{"id":"","object":"","created":0,"model":"","choices":[],"""
                + "\"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":{}}]}")
            + Choice($$$"""{"index":0,"delta":{"content":{{{Json(Both)}}},"refusal":null},"content_filter_results":{},"logprobs":null}""")
            + Choice("""{"index":0,"finish_reason":null,"content_filter_offsets":{"check_offset":1},"content_filter_results":{}}""") + End
        },
        {
            "Mistral: content in parts, thoughts among them",
            Choice("""{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"""
                + Json(Draft) + """}],"closed":true}]},"finish_reason":null}""")
            + Choice($$$"""{"index":0,"delta":{"content":[{"type":"text","text":{{{Json(One)}}}}]},"finish_reason":null}""")
            + Choice($$$"""{"index":0,"delta":{"content":[{"type":"text","text":{{{Json(Two)}}}}]},"finish_reason":null}""") + End
        },
        { "Groq", Data("""{"choices":[{"index":0,"delta":{"role":"assistant"}}],"x_groq":{"id":"req_1"}}""") + Piece(Both)
            + Data("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{}}}""") + Done },
        { "Gemini: thoughts in tags, words in capitals, no id", Data("""{"choices":[{"delta":{"content":"<thought>hm\n"},"index":0}]}""")
            + Piece(Draft + "</thought>" + One) + Choice($$$"""{"delta":{"content":{{{Json(Two)}}}},"finish_reason":"STOP","index":0}""") + Done },
        { "OpenRouter: comments, reasoning, another's word for the end", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"
            + Choice($$$"""{"index":0,"delta":{"content":"","reasoning":{{{Json(Draft)}}},"reasoning_details":[]}}""") + Piece(One)
            + ": OPENROUTER PROCESSING\n\n" + Piece(Two)
            + Choice("""{"index":0,"delta":{"content":""},"finish_reason":"stop","native_finish_reason":"end_turn"}""") + Done },
        { "LocalAI: an end on every chunk", string.Concat(Both.Chunk(9).Select(text =>
            Choice($$$"""{"index":0,"delta":{"role":"","content":{{{Json(new string(text))}}}},"finish_reason":""}"""))) + Done },
        { "Ollama: times and ids of other types", Data($$$"""{"id":7,"created":1763596800123,"model":null,"choices":[{"index":"0","delta":"""
            + $$$"""{"role":"assistant","content":{{{Json(Both)}}}},"finish_reason":null}]}""") + End },
        { "Ollama: its own format", OwnLine(One, false) + OwnLine(Two, false)
            + """{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}""" + "\n" },
        { "vLLM: reasoning, stop reasons, tokens", Choice($$$"""{"index":0,"delta":{"reasoning_content":{{{Json(Draft)}}},"content":null}}""")
            + Choice($$$"""{"index":0,"delta":{"content":{{{Json(Both)}}}},"finish_reason":"stop","stop_reason":151645,"token_ids":null}""") + Done },
        { "LM Studio: event names", "event: message\nid: 1\nretry: 5\n" + Piece(One) + "event: message\n" + Piece(Two) + End },
        { "llama.cpp: no end but its word, timings", Piece(Both)
            + Data("""{"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"timings":{"prompt_n":1}}""") },
        { "DeepSeek: keep-alives", ": keep-alive\n\n" + Choice($$$"""{"index":0,"delta":{"content":null,"reasoning_content":{{{Json(Draft)}}}}}""")
            + Piece(Both) + Choice("""{"index":0,"delta":{"content":"","reasoning_content":null},"finish_reason":"stop"}""") + Done },
        { "mistral.rs: an end before the end", Choice($$$"""{"index":0,"delta":{"content":{{{Json(One)}}}},"finish_reason":"eos"}""")
            + Choice($$$"""{"index":0,"delta":{"content":{{{Json(Two)}}}},"finish_reason":"eos"}""") + Done },
        { "empty data as keep-alive", "data:\n\ndata: \n\n" + Piece(One) + "data:\n\n" + Piece(Two) + End },
        { "data that is no JSON object", "data: ping\n\ndata: null\n\ndata: 7\n\n" + Piece(Both) + "data: \"x\"\n\n" + End },
        { "blanks around the end", Piece(Both) + "data:   [DONE]  \n\n" },
        { "no end but its mark", Piece(Both) + "data:[DONE]" },
        { "no blank after the colon", (Piece(One) + Piece(Two) + End).Replace("data: ", "data:", StringComparison.Ordinal) },
        { "CR LF and a byte order mark", "\ufeff" + (Piece(One) + Piece(Two) + End).Replace("\n", "\r\n", StringComparison.Ordinal) },
        { "CR alone", (Piece(One) + Piece(Two) + End).Replace("\n", "\r", StringComparison.Ordinal) },
        { "no empty lines between events", (Piece(One) + Piece(Two) + End).Replace("\n\n", "\n", StringComparison.Ordinal) },
        { "one document over several lines of data", $"data: {{\"choices\":\ndata: [{{\"index\":0,\ndata: \"delta\":{{\"content\":{Json(Both)}}}}}]}}\n\n" + End },
        { "data twice", (Piece(Both) + End).Replace("data: ", "data: data: ", StringComparison.Ordinal) },
        { "a stream that was not asked for", Whole(One + Two, indented: false) },
        { "the same, for people", Whole(One + Two, indented: true) },
        { "a message instead of a delta", Choice($$$"""{"index":0,"message":{"content":{{{Json(Both)}}}},"finish_reason":"stop"}""") },
        { "the whole message once more at the end", Piece(One) + Piece(Two)
            + Choice($$$"""{"index":0,"delta":{},"message":{"content":{{{Json(Both)}}}},"finish_reason":"stop"}""") + Done },
        { "nothing where something may be", Choice("""{"index":null,"delta":null,"finish_reason":null,"logprobs":null}""")
            + Data("""{"choices":null}""") + Data("""{"choices":[]}""") + Data("{}") + Data("[]") + Data("""{"error":null,"choices":[{}]}""")
            + Piece(Both) + End },
        { "wrong types", Data("""{"id":[],"created":"now","choices":[{"index":{},"delta":[],"finish_reason":{}}],"usage":"none"}""")
            + Data("""{"choices":[7,null,"x"],"error":""}""") + Data("""{"choices":[{"index":0.0,"delta":{"content":7}}],"error":{}}""")
            + Piece(Both) + End },
        { "another choice", Data($$$"""{"choices":[{"index":1,"delta":{"content":{{{Json(Draft)}}}}},{"index":0,"delta":{"content":{{{Json(Both)}}}}}]}""")
            + Choice($$$"""{"index":1,"delta":{"content":{{{Json(Draft)}}}}}""") + End },
        { "calls of tools", Choice("""{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}""") + Piece(Both)
            + Choice("""{"index":0,"delta":{},"finish_reason":"tool_calls"}""") + Done },
        { "parts of every kind", Choice("""{"index":0,"delta":{"content":["""
            + $$$"""{{{Json(One)}}},{"type":"reasoning","text":{{{Json(Draft)}}}},{"type":"text","text":{{{Json(Two)}}}},null,7,{"type":"image"}]}}""") + End },
        { "a chunk without its last bracket", Piece(Both).Replace("}]}", "}]", StringComparison.Ordinal) + End },
        { "a raw tab in a chunk", Piece("{\"text\":\"one\"}TAB\n").Replace("TAB", "\t", StringComparison.Ordinal) + Piece(Two) + End },
        { "completions of the old kind", Data($$$"""{"choices":[{"index":0,"text":{{{Json(Both)}}},"finish_reason":"stop"}]}""") + Done },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Answer_InTheDialectOfAServer_IsRead(string server, string script)
    {
        Assert.NotEmpty(server);
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Raw(script));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 0);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Theory]
    [InlineData("\\ud83d", "\\ude00", "😀")]
    [InlineData("\\ud83d!", "", "!")]
    [InlineData("\\ude00!", "", "!")]
    [InlineData("x\\ud83d", "x", "xx")]
    public async Task Emoji_CutBetweenTwoChunks_IsJoinedAndAHalfCostsItself(string first, string second, string text)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing()
            .Raw(Choice("{\"index\":0,\"delta\":{\"content\":\"{\\\"text\\\":\\\"" + first + "\"}}"))
            .Raw(Choice("{\"index\":0,\"delta\":{\"content\":\"" + second + "\\\"}\\n\"}}"))
            .Raw(Piece(Two) + End));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 0);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal([text, "two"], items.OfType<DraftPost>().Select(p => p.Text));
    }

    [Fact]
    public async Task Character_WhoseBytesAreCutBetweenTwoChunks_IsJoined()
    {
        var emoji = Encoding.UTF8.GetBytes("😀");
        byte[] script =
        [
            .. "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"text\\\":\\\""u8, .. emoji[..2], .. "\"}}]}\n\n"u8,
            .. "data: {\"choices\":[{\"delta\":{\"content\":\""u8, .. emoji[2..], .. "\\\"}\"}}]}\n\n"u8,
        ];
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Raw(script).Raw(End));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 0);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 1 });

        Assert.Equal("😀", Assert.IsType<DraftPost>(Assert.Single(items)).Text);
    }

    [Theory]
    [InlineData(false, "ai-unavailable", 3)]
    [InlineData(true, "ai-invalid-answer", 1)]
    public async Task Line_WithoutEnd_IsNotReadForEver(bool isEndless, string code, int calls)
    {
        await using var ai = await StubAi.StartAsync(isEndless
            ? AiReply.Nothing().Raw("data: {\"x\":\"" + new string('x', 9 * 1024 * 1024)).Stalls()
            : AiReply.Nothing().Raw(Piece(One)[..^9]));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(
            () => writer.WriteAsync(Briefs.Coffee).WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Contains(error.Code, new[] { code, "ai-invalid-answer" });
        Assert.InRange(ai.Calls.Count, 1, calls);
    }

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static string Data(string json) => $"data: {json}\n\n";

    private static string Choice(string choice) => Data($$$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{{choice}}}]}""");

    private static string Piece(string text) => Choice($$$"""{"index":0,"delta":{"content":{{{Json(text)}}}},"finish_reason":null}""");

    private static string OwnLine(string text, bool done) =>
        $$$"""{"model":"m","created_at":"2026-11-20T00:00:00Z","message":{"role":"assistant","content":{{{Json(text)}}}},"done":{{{(done ? "true" : "false")}}}}""" + "\n";

    private static string Whole(string text, bool indented) => JsonSerializer.Serialize(
        new
        {
            id = "c", @object = "chat.completion", created = 1,
            choices = new[] { new { index = 0, message = new { role = "assistant", content = text }, finish_reason = "stop" } },
        },
        indented ? Indented : JsonSerializerOptions.Default);

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Answer_ThatIsCompressedUnasked_IsRead(string coding)
    {
        var packed = new MemoryStream();
        await using (Stream pack = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionMode.Compress),
            "deflate" => new ZLibStream(packed, CompressionMode.Compress),
            _ => new BrotliStream(packed, CompressionMode.Compress),
        })
            await pack.WriteAsync("""
                data: {"choices":[{"delta":{"content":"{\"text\":\"one\"}\n{\"text\":\"two\"}"},"finish_reason":"stop"}]}

                data: [DONE]


                """u8.ToArray());
        await using var ai = await StubAi.StartAsync(AiReply.Packed(coding, packed.ToArray()));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Fact]
    public async Task Answer_ThatCannotBeUnpacked_IsTold()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Packed("gzip", [.. "no gzip at all, but words"u8]));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 0);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal("ai-unavailable", error.Code);
        Assert.Contains("compressed", error.Message, StringComparison.Ordinal);
    }
}
