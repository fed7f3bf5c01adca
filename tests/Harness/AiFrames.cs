using System.Text.Json;

namespace Harness;

/// <summary>The wire format of a streamed chat completion.</summary>
internal static class AiFrames
{
    private const int Token = 5;

    /// <summary>A frame of its own for every few characters, as tokens come.</summary>
    public static IEnumerable<string> Text(string text)
    {
        for (var at = 0; at < text.Length; at += Token)
            yield return Chunk(new { content = text.Substring(at, Math.Min(Token, text.Length - at)) });
    }

    public static string Piece(string text) => Chunk(new { content = text });

    /// <summary>One well-formed line a post, as the text of an answer.</summary>
    public static string Posts(params string[] texts) =>
        string.Concat(texts.Select(t => JsonSerializer.Serialize(new { text = t, tags = new[] { "tag" } }) + "\n"));

    public static string Refusal(string words) => Chunk(new { refusal = words });

    public static string End(string reason) => Chunk(new { }, reason) + "data: [DONE]\n\n";

    private static string Chunk(object delta, string? finish = null) => "data: " + JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion.chunk",
        created = 1_700_000_000,
        model = "stub",
        choices = new[] { new { index = 0, delta, finish_reason = finish } },
    }) + "\n\n";
}
