using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Changes;

/// <summary>Who came to a list of names and who left it: a few of them by name, all of them as a number.</summary>
internal static class NameLists
{
    private const int Named = 3;

    /// <param name="one">What a single name of the list is, as "user".</param>
    /// <param name="show">What of a name may be told; all of it without.</param>
    public static IEnumerable<string> Describe(JsonNode? was, JsonNode? becomes, string one, Func<string, string>? show = null)
    {
        var (before, after) = (
            JsonDifference.Texts(was).Distinct(StringComparer.Ordinal).ToArray(),
            JsonDifference.Texts(becomes).Distinct(StringComparer.Ordinal).ToArray());
        var added = after.Except(before, StringComparer.Ordinal).ToArray();
        var removed = before.Except(after, StringComparer.Ordinal).ToArray();
        if (added.Length > 0)
            yield return Count(added, one, "added", show);
        if (removed.Length > 0)
            yield return Count(removed, one, "removed", show);
    }

    private static string Count(string[] names, string one, string what, Func<string, string>? show)
    {
        var named = string.Join(", ", names.Take(Named).Select(name => JsonDifference.Cut(show?.Invoke(name) ?? name)));
        return string.Create(CultureInfo.InvariantCulture,
            $"{names.Length} {one}{(names.Length == 1 ? "" : "s")} {what}: {named}{(names.Length > Named ? ", …" : "")}");
    }
}
