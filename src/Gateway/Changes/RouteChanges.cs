using System.Text.Json.Nodes;

namespace Gateway.Changes;

/// <summary>Routes: what they match, where they lead, and what is done on the way.</summary>
internal static class RouteChanges
{
    /// <summary>What has a word of its own; the rest is named by its key.</summary>
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ClusterId"] = "cluster",
        ["Order"] = "order",
        ["Match:Path"] = "path",
        ["Match:Methods"] = "methods",
        ["Match:Hosts"] = "hosts",
        ["Metadata:Flag"] = "flag",
        ["Metadata:Fallback"] = "fallback",
        ["Metadata:DryRun"] = "dry-run",
        ["Metadata:Replay"] = "replay",
        ["Metadata:Streams"] = "streams",
        ["Metadata:FallbackOn"] = "fallback on",
        ["MaxRequestBodySize"] = "largest body",
        ["CorsPolicy"] = "cors",
    };

    public static IEnumerable<ConfigChange> Describe(JsonNode? was, JsonNode? becomes) =>
        JsonDifference.Keys(was, becomes).SelectMany(id => Describe(was?[id] as JsonObject, becomes?[id] as JsonObject)
            .Select(text => new ConfigChange("route", id, $"route {id}: {text}")));

    private static IEnumerable<string> Describe(JsonObject? was, JsonObject? becomes) => (was, becomes) switch
    {
        (null, null) => [],
        (null, _) => [$"added, {JsonDifference.Words(becomes["Match"]?["Path"])} to {JsonDifference.Words(becomes["ClusterId"])}"],
        (_, null) => ["removed"],
        _ => JsonDifference.Find(was, becomes).SelectMany(Describe),
    };

    private static IEnumerable<string> Describe(JsonDifference difference) => difference.Path.ToUpperInvariant() switch
    {
        "MATCH:HEADERS" => Items(difference, "header", item => JsonDifference.Words(item["Name"])),
        "MATCH:QUERYPARAMETERS" => Items(difference, "query parameter", item => JsonDifference.Words(item["Name"])),
        "TRANSFORMS" => Items(difference, "transform", NameOfTransform),
        var path when path.StartsWith("METADATA:", StringComparison.Ordinal) && !Words.ContainsKey(path) =>
            [$"{difference.Path} {HiddenWords(difference)}"],
        var path => [$"{Words.GetValueOrDefault(path, difference.Path)} {difference.ToWords()}"],
    };

    /// <summary>Its kind and what it is about; what it sets may be a secret.</summary>
    private static string NameOfTransform(JsonObject transform) => transform
        .Where(p => p.Key.ToUpperInvariant() is not ("SET" or "APPEND" or "WHEN"))
        .Select(p => $"{p.Key} {JsonDifference.Words(p.Value)}").FirstOrDefault() ?? "";

    public static string HiddenWords(JsonDifference difference) =>
        difference.Was is null ? "added" : difference.Becomes is null ? "removed" : "changed";

    /// <summary>A list of objects: which came, which went, and which are the same by name and not by what they say.</summary>
    private static IEnumerable<string> Items(JsonDifference difference, string one, Func<JsonObject, string> nameOf)
    {
        var (before, after) = (Read(difference.Was), Read(difference.Becomes));
        var (gone, come) = (Missing(before, after), Missing(after, before));
        foreach (var name in gone.Concat(come).Select(item => item.Name).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var (went, came) = (Has(gone, name), Has(come, name));
            yield return $"{one} {name} {(went && came ? "changed" : came ? "added" : "removed")}";
        }

        if (gone.Length == 0 && come.Length == 0)
            yield return $"{one}s in another order";

        (string Name, string Json)[] Read(JsonNode? list) =>
            [.. (list as JsonArray ?? []).OfType<JsonObject>().Select(item => (nameOf(item), item.ToJsonString()))];

        static (string Name, string Json)[] Missing((string Name, string Json)[] here, (string Name, string Json)[] there) =>
            [.. here.Where(item => here.Count(i => i.Json == item.Json) > there.Count(i => i.Json == item.Json))];

        static bool Has((string Name, string Json)[] items, string name) =>
            Array.Exists(items, item => item.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
