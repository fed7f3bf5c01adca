using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Changes;

/// <summary>A value that two files have differently; null where one of them has none.</summary>
/// <param name="Path">As configuration writes it, from where the search began.</param>
internal readonly record struct JsonDifference(string Path, JsonNode? Was, JsonNode? Becomes)
{
    private const int LongestValue = 80;

    /// <summary>Every leaf that differs, in the order of the files. A list is a leaf; the order of its texts says nothing.</summary>
    public static IEnumerable<JsonDifference> Find(JsonNode? was, JsonNode? becomes, string path = "")
    {
        if (was is JsonObject or null && becomes is JsonObject or null)
        {
            var (before, after) = (was as JsonObject, becomes as JsonObject);
            return Keys(before, after)
                .SelectMany(key => Find(before?[key], after?[key], path.Length == 0 ? key : $"{path}:{key}"));
        }

        return AreEqual(was, becomes) ? [] : [new(path, was, becomes)];
    }

    /// <summary>The keys of both objects, each once.</summary>
    public static IEnumerable<string> Keys(JsonNode? was, JsonNode? becomes) =>
        (was as JsonObject ?? []).Select(p => p.Key)
        .Union((becomes as JsonObject ?? []).Select(p => p.Key), StringComparer.OrdinalIgnoreCase);

    /// <summary>The texts of a list, blanks around them cut off as the files' readers do.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(Text).OfType<string>()];

    public static string? Text(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array => null,
        JsonValueKind.String => value.GetValue<string>().Trim(),
        _ => value.ToJsonString(),
    };

    public string ToWords() => $"{Words(Was)} → {Words(Becomes)}";

    public static string Words(JsonNode? value)
    {
        var text = value is JsonArray list
            ? list.All(item => item is JsonValue) ? string.Join(", ", Texts(list)) : "[…]"
            : Text(value);
        return string.IsNullOrEmpty(text) ? "unset" : Cut(text);
    }

    public static string Cut(string text) => text.Length <= LongestValue ? text : text[..LongestValue] + "…";

    private static bool AreEqual(JsonNode? was, JsonNode? becomes) => (was, becomes) switch
    {
        (JsonArray or null, JsonArray or null) => AreEqual(was as JsonArray ?? [], becomes as JsonArray ?? []),
        (JsonValue, JsonValue) => AreEqual(Text(was), Text(becomes)),
        _ => JsonNode.DeepEquals(was, becomes),
    };

    private static bool AreEqual(JsonArray was, JsonArray becomes) =>
        was.Concat(becomes).All(item => item is JsonValue)
            ? Texts(was).ToHashSet(StringComparer.Ordinal).SetEquals(Texts(becomes))
            : JsonNode.DeepEquals(was, becomes);

    /// <summary>Read as the binder does: 45 and 45.0 are one number, true and True one word.</summary>
    private static bool AreEqual(string? was, string? becomes) =>
        was == becomes
        || (bool.TryParse(was, out var yes) && bool.TryParse(becomes, out var also) && yes == also)
        || (double.TryParse(was, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.TryParse(becomes, NumberStyles.Float, CultureInfo.InvariantCulture, out var next) && number.Equals(next));
}
