using System.Text;
using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>One object of an AI's answer: a post, or why it is none.</summary>
/// <param name="IsSlot">It was meant to be a post: its slot is not the next one's.</param>
internal readonly record struct AnswerLine(AnswerLine.Post? Written, string? Fault, bool IsSlot)
{
    /// <param name="Losses">What of the post was left out, in words.</param>
    internal sealed record Post(string Text, string? Link, IReadOnlyList<string> Tags, IReadOnlyList<PostLoss> Losses);

    private const int MaxTags = 10;
    private const int MaxDepth = 8;

    private static readonly string[] TextNames =
        ["text", "post", "content", "caption", "message", "body", "post_text", "posttext", "tweet"];
    private static readonly string[] LinkNames = ["link", "url"];
    private static readonly string[] TagNames = ["tags", "hashtags"];

    /// <summary>One, as many as an object around several holds, or none in what is rather a brace in a sentence.</summary>
    public static IReadOnlyList<AnswerLine> Read(AnswerPart part)
    {
        if (part.Text.Length == 0)
            return [new(null, "one of which a piece is missing", true)];
        using var document = LooseJson.Parse(JsonText.WithoutHalves(part.Text), part.Kind is AnswerPartKind.Unended);
        if (document is null)
            return part.Text.Contains("text", StringComparison.OrdinalIgnoreCase) ? [new(null, "not JSON", true)] : [];
        var lines = new List<AnswerLine>();
        Gather(document.RootElement, lines, MaxDepth);
        return lines.Count > 0 ? lines : [new(null, "an object without \"text\"", false)];
    }

    private static void Gather(JsonElement value, List<AnswerLine> lines, int depth)
    {
        if (value.ValueKind is JsonValueKind.Object && Find(value, TextNames, IsText) is { } text)
            lines.Add(ToPost(value, text));
        else if (value.ValueKind is JsonValueKind.Object
            && Members(value).Any(m => Is(m.Name, "text") || Is(m.Name, "tags") || Is(m.Name, "link")))
            lines.Add(new(null, "an object without \"text\"", true));
        else if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && depth > 0)
        {
            foreach (var inner in value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : Members(value).Select(m => m.Value))
                Gather(inner, lines, depth - 1);
        }
    }

    private static AnswerLine ToPost(JsonElement root, JsonElement said)
    {
        var losses = new List<PostLoss>();
        var text = Clean(JsonText.ReadWhole(said), losses);
        if (text.Length == 0)
            return new(null, "an object without \"text\"", true);
        var given = Find(root, LinkNames, value => value.ValueKind is not JsonValueKind.Null);
        var link = given is { } address ? PostLink.Read(address) : default;
        if (link.IsDropped)
            losses.Add(PostLoss.Link);
        return new(new Post(text, link.Address, TagsOf(root, losses), [.. losses.Distinct()]), null, true);
    }

    private static string[] TagsOf(JsonElement root, List<PostLoss> losses)
    {
        var tags = Find(root, TagNames, value => value.ValueKind is JsonValueKind.Array or JsonValueKind.String);
        var words = tags switch
        {
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray()
                .Where(tag => tag.ValueKind is JsonValueKind.String).Select(JsonText.ReadWhole),
            { } line => JsonText.ReadWhole(line).Split([',', ';', '#'], StringSplitOptions.RemoveEmptyEntries),
            null => [],
        };
        return
        [
            .. words.Select(tag => Clean(tag, losses).TrimStart('#').Trim())
                .Where(tag => tag.Length > 0)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Take(MaxTags),
        ];
    }

    // Halves and a NUL no database takes, and no other control character a network.
    private static string Clean(string text, List<PostLoss> losses)
    {
        var whole = JsonText.WithoutHalves(text);
        var clean = new StringBuilder(whole.Length);
        foreach (var c in whole.ReplaceLineEndings("\n"))
        {
            if (!char.IsControl(c) || c is '\n' or '\t')
                clean.Append(c);
        }

        if (whole.Length < text.Length || whole.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            losses.Add(PostLoss.Characters);
        return clean.ToString().Trim();
    }

    private static bool IsText(JsonElement value) => value.ValueKind is JsonValueKind.String;

    // The first name wins, as it is before in other letters.
    private static JsonElement? Find(JsonElement root, string[] names, Func<JsonElement, bool> fits)
    {
        foreach (var name in names)
        {
            JsonElement? other = null;
            foreach (var member in Members(root).Where(member => fits(member.Value)))
            {
                if (member.Name == name)
                    return member.Value;
                if (Is(member.Name, name))
                    other ??= member.Value;
            }

            if (other is not null)
                return other;
        }

        return null;
    }

    private static bool Is(string name, string expected) => name.Trim().Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
            yield return (JsonText.NameOf(member), member.Value);
    }
}

internal enum PostLoss
{
    Link,
    Characters,
}
