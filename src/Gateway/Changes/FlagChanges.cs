using System.Text.Json.Nodes;
using Gateway.Rollout;

namespace Gateway.Changes;

/// <summary>Flags: both keys, and the filters behind them.</summary>
internal static class FlagChanges
{
    private const string Conditions = "conditions";
    private const string Filters = "client_filters";

    public static IEnumerable<ConfigChange> Describe(
        IReadOnlyDictionary<string, Flag> was, IReadOnlyDictionary<string, Flag> becomes, JsonNode? file, JsonNode? nextFile)
    {
        var (before, after) = (ById(file), ById(nextFile));
        return was.Keys.Union(becomes.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).SelectMany(name =>
        {
            var (flag, next) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            var texts = Switch(name, was.GetValueOrDefault(name)?.Switch, becomes.GetValueOrDefault(name)?.Switch)
                .Concat(flag is null || next is null ? [] : Rest(name, flag, next));
            return texts.Select(text => new ConfigChange("flag", name, text));
        });
    }

    private static Dictionary<string, JsonObject> ById(JsonNode? file) =>
        (file?["feature_management"]?["feature_flags"] as JsonArray ?? []).OfType<JsonObject>()
        .ToDictionary(flag => JsonDifference.Text(flag["id"]) ?? "", StringComparer.Ordinal);

    private static IEnumerable<string> Switch(string name, FlagSwitch? was, FlagSwitch? becomes)
    {
        if (was?.FileEnabled is null && becomes?.FileEnabled is not null)
            yield return $"{name}: added, {Word(becomes.On)}";
        else if (was?.FileEnabled is not null && becomes?.FileEnabled is null)
            yield return $"{name}: removed{(becomes is null ? "" : ", so it is off")}";
        else if (was?.On != becomes?.On && becomes is not null && was is not null)
            yield return $"{name} {Word(becomes.On)}";
        else if (was?.FileEnabled != becomes?.FileEnabled)
            yield return $"{name}: the file's key {Word(becomes?.FileEnabled == true)}, the environment keeps it off";
    }

    private static string Word(bool on) => on ? "on" : "off";

    private static IEnumerable<string> Rest(string name, JsonObject was, JsonObject becomes)
    {
        var (filters, next) = (ReadFilters(was), ReadFilters(becomes));
        var (labels, nextLabels) = (filters.Select(Label).ToArray(), next.Select(Label).ToArray());
        if (!labels.SequenceEqual(nextLabels, StringComparer.Ordinal))
            yield return $"{name}: for {Join(labels)} → {Join(nextLabels)}";
        foreach (var text in filters.Zip(next).Where(pair => Label(pair.First) == Label(pair.Second)).SelectMany(pair =>
            JsonDifference.Find(pair.First["parameters"], pair.Second["parameters"])
                .Select(d => $"{name}: {Label(pair.First)} {d.Path} {d.ToWords()}")))
            yield return text;
        foreach (var difference in JsonDifference.Find(was, becomes).Where(d => !IsToldElsewhere(d.Path)))
            yield return $"{name}: {difference.Path} {difference.ToWords()}";

        static string Join(string[] labels) => labels.Length == 0 ? "everybody" : JsonDifference.Cut(string.Join(", ", labels));
    }

    private static bool IsToldElsewhere(string path) => path.ToLowerInvariant() is "id" or "enabled" or $"{Conditions}:{Filters}";

    private static JsonObject[] ReadFilters(JsonObject flag) =>
        [.. (flag[Conditions]?[Filters] as JsonArray ?? []).OfType<JsonObject>()];

    private static string Label(JsonObject filter) =>
        JsonDifference.Text(filter["name"]) is { } name && name.Equals(CohortFilter.Alias, StringComparison.OrdinalIgnoreCase)
            ? $"cohort {JsonDifference.Text(filter["parameters"]?["Name"])}"
            : JsonDifference.Text(filter["name"]) ?? "";
}
