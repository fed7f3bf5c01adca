using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Rollout;

/// <summary>
/// The filters that may stand in a flag's <c>client_filters</c>. FeatureManagement finds out about a wrong one on a request, and
/// throws (FeatureManagement#523); here the file that holds it is refused.
/// </summary>
internal static class FlagFilterShape
{
    private const string TimeWindow = "Microsoft.TimeWindow";
    private const string Parameters = "parameters";

    public static JsonShape Groups { get; } = List(
        Object(("Name", Text), ("RolloutPercentage", Number(0, 100))).Requiring("Name", "RolloutPercentage"))
        .As("Share of the users of a group; of several groups, and of all users, the highest counts.");

    public static JsonShape Exclusion { get; } = Object(("Users", Texts), ("Groups", Texts)).As("Out, whatever else says in.");

    private static readonly JsonShape Cohort = Object(("Name", Text.As("An entry of Cohorts."))).Requiring("Name");

    private static readonly JsonShape Targeting = Object(("Audience", Object(
        ("Users", Texts), ("Groups", Groups), ("DefaultRolloutPercentage", Number(0, 100)), ("Exclusion", Exclusion))))
        .Requiring("Audience");

    private static readonly JsonShape Window = Object(("Start", Text), ("End", Text), ("Recurrence", Map(Any)));

    private static readonly (string Name, JsonShape Parameters)[] Filters =
    [
        (CohortFilter.Alias, Cohort), (KnownCallerTargetingFilter.Alias, Targeting), ("Targeting", Targeting), (TimeWindow, Window),
        ("TimeWindow", Window),
    ];

    public static JsonShape Filter { get; } = new FilterShape(
        Object(("name", OneOf([.. Filters.Select(filter => filter.Name)])), (Parameters, Map(Any))).Requiring("name"));

    /// <summary>The filter's full name, however the file spells it: FeatureManagement ignores case and the namespace.</summary>
    public static string? NameOf(IConfigurationSection filter) => filter["name"]?.ToUpperInvariant() switch
    {
        "COHORT" => CohortFilter.Alias,
        "TARGETING" or "MICROSOFT.TARGETING" => KnownCallerTargetingFilter.Alias,
        "TIMEWINDOW" or "MICROSOFT.TIMEWINDOW" => TimeWindow,
        var other => other,
    };

    /// <summary>What a filter's shape cannot say.</summary>
    public static void Check(IConfigurationSection filter, HashSet<string> cohorts, FindingList findings)
    {
        var name = filter.GetSection($"{Parameters}:Name");
        if (NameOf(filter) == TimeWindow)
        {
            CheckWindow(filter.GetSection(Parameters), findings);
        }
        else if (NameOf(filter) == CohortFilter.Alias && !string.IsNullOrEmpty(name.Value) && !cohorts.Contains(name.Value))
        {
            findings.Error(name.Path, name.Value, cohorts.Count == 0
                ? "the name of an entry of Cohorts, which is empty"
                : "one of the Cohorts: " + string.Join(", ", cohorts.Order(StringComparer.Ordinal)), cohorts);
        }
    }

    private static void CheckWindow(IConfigurationSection parameters, FindingList findings)
    {
        var before = findings.Count;
        foreach (var key in (string[])["Start", "End"])
        {
            if (parameters[key] is { } moment && !DateTimeOffset.TryParse(moment, CultureInfo.InvariantCulture, out _))
                findings.Error($"{parameters.Path}:{key}", moment, "a date and time");
        }

        if (parameters["Start"] is null && parameters["End"] is null)
            findings.Error(parameters.Path, null, "an object with Start, End or both");
        if (findings.Count > before)
            return;
        try
        {
            // A trial, because only the filter itself knows what a legal recurrence is. It does no I/O.
            new TimeWindowFilter().EvaluateAsync(new FeatureFilterEvaluationContext { Parameters = parameters }).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException)
        {
            findings.Error(parameters.Path, "{…}", "a time window: " + error.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>A filter whose name says which parameters it has.</summary>
    private sealed record FilterShape(JsonShape Form) : JsonShape
    {
        private static readonly JsonElement None = JsonDocument.Parse("{}").RootElement;

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            Form.Check(value, path, findings);
            if (value.ValueKind != JsonValueKind.Object || Find(value, "name") is not { ValueKind: JsonValueKind.String } name
                || Array.Find(Filters, f => f.Name.Equals(name.GetString(), StringComparison.OrdinalIgnoreCase)).Parameters
                    is not { } shape)
                return;
            shape.Check(Find(value, Parameters) ?? None, $"{path}:{Parameters}", findings);
        }

        public override JsonObject ToSchema()
        {
            var schema = Form.ToSchema();
            schema["allOf"] = new JsonArray([.. Filters.Select(filter => (JsonNode)new JsonObject
            {
                ["if"] = new JsonObject
                {
                    ["properties"] = new JsonObject { ["name"] = new JsonObject { ["const"] = filter.Name } },
                    ["required"] = new JsonArray("name"),
                },
                ["then"] = new JsonObject
                {
                    ["properties"] = new JsonObject { [Parameters] = filter.Parameters.ToSchema() },
                    ["required"] = new JsonArray(Parameters),
                },
            })]);
            return Describe(schema);
        }

        private static JsonElement? Find(JsonElement owner, string key)
        {
            foreach (var member in owner.EnumerateObject())
            {
                if (member.Name.Equals(key, StringComparison.OrdinalIgnoreCase))
                    return member.Value;
            }

            return null;
        }
    }
}
