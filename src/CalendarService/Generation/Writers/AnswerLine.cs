using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>One line or object of an AI's answer: a post, or why it is none.</summary>
internal readonly record struct AnswerLine(AnswerLine.Post? Written, string? Fault)
{
    internal sealed record Post(string Text, string? Link, IReadOnlyList<string> Tags);

    private const int MaxText = 10_000;
    private const int MaxTags = 10;
    private const int MaxTag = 50;

    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 8, AllowTrailingCommas = true };

    public static AnswerLine Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Lenient);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperation: half a surrogate pair, which is JSON but not text.
            return new(null, "not JSON");
        }
    }

    private static AnswerLine Read(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object)
            return new(null, "not a JSON object");
        var text = Clean(StringOf(root, "text"));
        if (text.Length == 0)
            return new(null, "an object without \"text\"");
        if (text.Length > MaxText)
            return new(null, $"a post of {text.Length} characters, more than {MaxText}");

        var link = StringOf(root, "link");
        var isLink = Uri.TryCreate(link, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https");
        return new(new Post(text, isLink ? link : null, TagsOf(root)), null);
    }

    private static string[] TagsOf(JsonElement root) =>
        !root.TryGetProperty("tags", out var tags) || tags.ValueKind is not JsonValueKind.Array
            ? []
            : [.. tags.EnumerateArray()
                .Where(t => t.ValueKind is JsonValueKind.String)
                .Select(t => Clean(t.GetString()).TrimStart('#'))
                .Where(t => t.Length is > 0 and <= MaxTag)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Take(MaxTags)];

    private static string? StringOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    // A NUL is no text for Postgres, and no other control character is for a network.
    private static string Clean(string? text) =>
        text is null ? "" : string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t')).Trim();
}
