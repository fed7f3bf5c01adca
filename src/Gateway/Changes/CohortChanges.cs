using System.Text.Json.Nodes;

namespace Gateway.Changes;

/// <summary>Cohorts: percentages, and who is named.</summary>
internal static class CohortChanges
{
    private const string Default = "DefaultRolloutPercentage";

    public static IEnumerable<ConfigChange> Describe(JsonNode? was, JsonNode? becomes) =>
        JsonDifference.Keys(was, becomes).SelectMany(name => Describe(name, was?[name] as JsonObject, becomes?[name] as JsonObject)
            .Select(text => new ConfigChange("cohort", name, text)));

    private static IEnumerable<string> Describe(string name, JsonObject? was, JsonObject? becomes)
    {
        if (was is null)
            return [$"cohort {name}: added, {Percent(becomes?[Default])}"];
        if (becomes is null)
            return [$"cohort {name}: removed"];
        var percentage = JsonDifference.Find(Number(was[Default]), Number(becomes[Default]))
            .Select(d => $"{name} {Percent(d.Was)} → {Percent(d.Becomes)}");
        var lists = Names("Users", "user").Concat(Groups(was["Groups"], becomes["Groups"]))
            .Concat(Names("Exclusion:Users", "excluded user")).Concat(Names("Exclusion:Groups", "excluded group"))
            .Concat(Names("Environments", "environment"));
        return percentage.Concat(lists.Select(text => $"{name}: {text}"));

        IEnumerable<string> Names(string path, string one) => NameLists.Describe(At(was, path), At(becomes, path), one);
    }

    private static IEnumerable<string> Groups(JsonNode? was, JsonNode? becomes)
    {
        var (before, after) = (ByName(was), ByName(becomes));
        foreach (var group in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var (percentage, next) = (before.GetValueOrDefault(group), after.GetValueOrDefault(group));
            if (percentage is null)
                yield return $"group {group} added, {Percent(next)}";
            else if (next is null)
                yield return $"group {group} removed";
            else if (JsonDifference.Find(percentage, next).Any())
                yield return $"group {group} {Percent(percentage)} → {Percent(next)}";
        }
    }

    /// <summary>Of a group that stands twice the higher percentage counts.</summary>
    private static Dictionary<string, JsonNode?> ByName(JsonNode? groups) =>
        (groups as JsonArray ?? []).OfType<JsonObject>()
        .GroupBy(group => JsonDifference.Text(group["Name"]) ?? "", group => Number(group["RolloutPercentage"]), StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => (JsonNode?)same.MaxBy(ToDouble), StringComparer.Ordinal);

    private static double ToDouble(JsonNode percentage) =>
        double.TryParse(JsonDifference.Text(percentage), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>A percentage that is left out is none.</summary>
    private static JsonNode Number(JsonNode? percentage) => JsonDifference.Text(percentage) is { } text ? text : 0;

    private static string Percent(JsonNode? percentage) => $"{JsonDifference.Text(percentage) ?? "0"} %";

    private static JsonNode? At(JsonNode? node, string path) => path.Split(':').Aggregate(node, (at, key) => (at as JsonObject)?[key]);
}
