using System.Globalization;
using System.Text.Json;
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

    public static readonly string[] Names =
        [CohortFilter.Alias, KnownCallerTargetingFilter.Alias, "Targeting", TimeWindow, "TimeWindow"];

    public static JsonShape Groups { get; } = List(
        Object(("Name", Text), ("RolloutPercentage", Number(0, 100))).Requiring("Name", "RolloutPercentage"));

    public static JsonShape Exclusion { get; } = Object(("Users", Texts), ("Groups", Texts));

    private static readonly JsonShape Targeting = Object(("Audience", Object(
        ("Users", Texts), ("Groups", Groups), ("DefaultRolloutPercentage", Number(0, 100)), ("Exclusion", Exclusion))));

    /// <summary>The filter's full name, however the file spells it: FeatureManagement ignores case and the namespace.</summary>
    public static string? NameOf(IConfigurationSection filter) => filter["name"]?.ToUpperInvariant() switch
    {
        "COHORT" => CohortFilter.Alias,
        "TARGETING" or "MICROSOFT.TARGETING" => KnownCallerTargetingFilter.Alias,
        "TIMEWINDOW" or "MICROSOFT.TIMEWINDOW" => TimeWindow,
        var other => other,
    };

    public static void Check(
        IConfigurationSection filter, JsonElement root, HashSet<string> cohorts, FindingList findings)
    {
        var parameters = $"{filter.Path}:parameters";
        switch (NameOf(filter))
        {
            case null or "":
                findings.Error($"{filter.Path}:name", null, "one of " + string.Join(", ", Names));
                break;
            case CohortFilter.Alias when filter["parameters:Name"] is not { } name || !cohorts.Contains(name):
                findings.Error($"{parameters}:Name", filter["parameters:Name"], cohorts.Count == 0
                    ? "the name of an entry of Cohorts, which is empty"
                    : "one of the Cohorts: " + string.Join(", ", cohorts.Order(StringComparer.Ordinal)));
                break;
            case KnownCallerTargetingFilter.Alias when !filter.GetSection("parameters:Audience").Exists():
                findings.Error($"{parameters}:Audience", null, "an object with Users, Groups or DefaultRolloutPercentage");
                break;
            case KnownCallerTargetingFilter.Alias:
                Targeting.Check(ElementAt(root, parameters), parameters, findings);
                break;
            case TimeWindow:
                CheckWindow(filter.GetSection("parameters"), findings);
                break;
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

    private static JsonElement ElementAt(JsonElement root, string path)
    {
        foreach (var key in path.Split(':'))
        {
            root = root.ValueKind == JsonValueKind.Array
                ? root[int.Parse(key, CultureInfo.InvariantCulture)]
                : root.EnumerateObject().First(p => p.Name.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;
        }

        return root;
    }
}
