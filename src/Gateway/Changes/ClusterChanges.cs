using System.Text.Json.Nodes;
using ServiceDefaults.Logging;

namespace Gateway.Changes;

/// <summary>Clusters: where their destinations are, and how they are asked.</summary>
internal static class ClusterChanges
{
    private const string Destinations = "Destinations";

    public static IEnumerable<ConfigChange> Describe(JsonNode? was, JsonNode? becomes) =>
        JsonDifference.Keys(was, becomes).SelectMany(id => Describe(was?[id] as JsonObject, becomes?[id] as JsonObject)
            .Select(text => new ConfigChange("cluster", id, LogRedaction.Apply($"cluster {id}: {text}"))));

    private static IEnumerable<string> Describe(JsonObject? was, JsonObject? becomes)
    {
        if (was is null)
            return [$"added, at {string.Join(", ", (becomes?[Destinations] as JsonObject ?? []).Select(d => Address(d.Value)))}"];
        if (becomes is null)
            return ["removed"];
        var single = JsonDifference.Keys(was[Destinations], becomes[Destinations]).Count() == 1;
        return JsonDifference.Keys(was[Destinations], becomes[Destinations])
            .SelectMany(id => Describe(id, was[Destinations]?[id], becomes[Destinations]?[id], single))
            .Concat(JsonDifference.Find(was, becomes).Where(d => !IsOfDestinations(d.Path)).Select(d => $"{d.Path} {Words(d)}"));
    }

    private static IEnumerable<string> Describe(string id, JsonNode? was, JsonNode? becomes, bool single) => (was, becomes) switch
    {
        (null, _) => [$"destination {id} added, {Address(becomes)}"],
        (_, null) => [$"destination {id} removed, {Address(was)}"],
        _ => JsonDifference.Find(was, becomes).Select(d => $"{(single ? "" : $"destination {id} ")}{NameOf(d.Path)} {Words(d)}"),
    };

    private static string NameOf(string path) => path.Equals("Address", StringComparison.OrdinalIgnoreCase) ? "address" : path;

    private static bool IsOfDestinations(string path) => path.StartsWith(Destinations + ":", StringComparison.OrdinalIgnoreCase);

    /// <summary>Metadata that others put there is not ours to repeat.</summary>
    private static string Words(JsonDifference difference)
    {
        var at = difference.Path.LastIndexOf("Metadata:", StringComparison.OrdinalIgnoreCase);
        return at >= 0 && !difference.Path.AsSpan(at + "Metadata:".Length).StartsWith("Health.", StringComparison.OrdinalIgnoreCase)
            ? RouteChanges.HiddenWords(difference)
            : difference.ToWords();
    }

    private static string Address(JsonNode? destination) => JsonDifference.Words(destination?["Address"]);
}
