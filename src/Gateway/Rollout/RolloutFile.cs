using System.Collections.Frozen;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Rollout.Ramps;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Rollout;

/// <summary>
/// <c>rollout.json</c>: Microsoft FeatureManagement's schema, and our <c>Cohorts</c> and <c>Ramps</c> beside it.
/// Source: https://github.com/microsoft/FeatureManagement/tree/main/Schema.
/// </summary>
internal sealed record RolloutFile(
    FrozenDictionary<string, Cohort> Cohorts,
    FrozenDictionary<string, Flag> Flags,
    FrozenDictionary<string, RampPlan> Ramps,
    string EnvironmentName)
{
    public const string Name = "rollout.json";

    public const string FlagsPath = "feature_management:feature_flags";

    private static readonly JsonShape FlagShape = Object(
        ("id", Text.As("The flag's name, which is that of its environment variable too.")), ("display_name", Any), ("description", Any),
        ("enabled", JsonShape.Boolean.As("The second key; the first is the environment variable. Both are needed.")),
        ("conditions", Object(
            ("requirement_type", OneOf("Any", "All").As("Whether one filter is enough (Any, the default).")),
            ("client_filters", List(FlagFilterShape.Filter).As("For whom the flag is on; without filters: everybody.")))),
        ("variants", Any), ("allocation", Any), ("telemetry", Any)).Requiring("id");

    private static readonly JsonShape CohortShape = Object(
        ("Users", Texts.As("In, whatever the percentages.")), ("Groups", FlagFilterShape.Groups),
        ("DefaultRolloutPercentage", Number(0, 100).As("Share of all users. Raising it moves nobody out.")),
        ("Exclusion", FlagFilterShape.Exclusion),
        ("Environments", Texts.As("Deployments in which it counts, as ASPNETCORE_ENVIRONMENT names them; without it: all.")));

    public static JsonShape Shape { get; } = Object(
        ("$schema", Text),
        ("feature_management", Object(("feature_flags", List(FlagShape)))),
        ("Cohorts", Map(CohortShape).As("Users, by the name that the filter Cohort gives: several flags may share them.")),
        (RampReader.Section, RampShape.Shape))
        .As("Who gets the new service: FeatureManagement's schema, Cohorts and Ramps. `gateway check` finds more than a schema can.");

    public static RolloutFile? Read(
        byte[] bytes, Func<string, string?> environmentVariable, string environmentName, List<ConfigFinding> all)
    {
        using var json = ConfigJson.Read(bytes, Name, all);
        return json is null ? null : Read(json, environmentVariable, environmentName);
    }

    /// <param name="environmentVariable">Reads an environment variable; null when unset.</param>
    /// <param name="environmentName">The deployment's name that a cohort's <c>Environments</c> are compared with.</param>
    public static RolloutFile? Read(ConfigJson json, Func<string, string?> environmentVariable, string environmentName)
    {
        var findings = json.Findings;
        var configuration = json.Configuration;
        Shape.Check(json.Root, "", findings);
        CheckNames(configuration, findings);
        CallerNames.Read(configuration, FlagsPath, findings);
        if (findings.HasErrors)
            return null;
        var cohorts = configuration.GetSection("Cohorts").GetChildren()
            .Select(ReadCohort).ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);
        var manager = new FeatureManager(
            new ConfigurationFeatureDefinitionProvider(configuration),
            new FeatureManagementOptions())
        {
            FeatureFilters =
            [
                new CohortFilter(cohorts, environmentName),
                new KnownCallerTargetingFilter(new ContextualTargetingFilter(
                    Options.Create(new TargetingEvaluationOptions()), NullLoggerFactory.Instance)),
                new TimeWindowFilter(),
            ],
        };
        var flags = configuration.GetSection(FlagsPath).GetChildren().Select(section => new Flag(
            section["id"]!,
            new FlagSwitch(environmentVariable(section["id"]!), section.GetValue("enabled", false)),
            [.. section.GetSection("conditions:client_filters").GetChildren().Select(f => ReadFilter(f, cohorts))],
            manager, environmentName));
        return new(
            cohorts, flags.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal), RampReader.Read(configuration), environmentName);
    }

    private static Cohort ReadCohort(IConfigurationSection section) => new(
        section.Key,
        Names(section, "Users"),
        section.GetSection("Groups").GetChildren()
            .GroupBy(g => g["Name"]!, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Max(Percentage("RolloutPercentage")), StringComparer.Ordinal),
        Percentage("DefaultRolloutPercentage")(section),
        Names(section, "Exclusion:Users"),
        Names(section, "Exclusion:Groups"),
        section.GetSection("Environments").Get<string[]>()?.ToFrozenSet(StringComparer.OrdinalIgnoreCase) ?? []);

    private static FlagFilter ReadFilter(IConfigurationSection section, FrozenDictionary<string, Cohort> cohorts)
    {
        var cohort = FlagFilterShape.NameOf(section) == CohortFilter.Alias ? cohorts[section["parameters:Name"]!] : null;
        return new(
            FlagFilterShape.NameOf(section)!, cohort,
            cohort?.DefaultPercentage ?? Percentage("parameters:Audience:DefaultRolloutPercentage")(section));
    }

    /// <summary>Those that no flag's filter names.</summary>
    public static IEnumerable<IConfigurationSection> FindUnusedCohorts(IConfiguration configuration)
    {
        var used = Filters(configuration).Select(filter => filter["parameters:Name"]).ToHashSet(StringComparer.Ordinal);
        return configuration.GetSection("Cohorts").GetChildren().Where(cohort => !used.Contains(cohort.Key));
    }

    private static void CheckNames(IConfiguration configuration, FindingList findings)
    {
        var cohorts = configuration.GetSection("Cohorts").GetChildren().Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in configuration.GetSection(FlagsPath).GetChildren().Select(flag => flag.GetSection("id")))
        {
            if (!string.IsNullOrEmpty(id.Value) && !seen.Add(id.Value))
                findings.Error(id.Path, id.Value, "a name that no other flag has");
        }

        foreach (var filter in Filters(configuration))
            FlagFilterShape.Check(filter, cohorts, findings);
        RampChecks.Check(configuration, cohorts, FindCohortUses(configuration), findings);
    }

    private static CohortUse[] FindCohortUses(IConfiguration configuration) =>
        [.. configuration.GetSection(FlagsPath).GetChildren().SelectMany(flag =>
        {
            var filters = flag.GetSection("conditions:client_filters").GetChildren().ToArray();
            return filters.Where(filter => FlagFilterShape.NameOf(filter) == CohortFilter.Alias)
                .Select(filter => new CohortUse(filter["parameters:Name"] ?? "", flag["id"] ?? "", filters.Length));
        })];

    private static IEnumerable<IConfigurationSection> Filters(IConfiguration configuration) => configuration.GetSection(FlagsPath)
        .GetChildren().SelectMany(flag => flag.GetSection("conditions:client_filters").GetChildren());

    private static FrozenSet<string> Names(IConfigurationSection section, string key) =>
        section.GetSection(key).Get<string[]>()?.ToFrozenSet(StringComparer.Ordinal) ?? [];

    private static Func<IConfigurationSection, double> Percentage(string key) =>
        section => double.Parse(section[key] ?? "0", CultureInfo.InvariantCulture);
}
