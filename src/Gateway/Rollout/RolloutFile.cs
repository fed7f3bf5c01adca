using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Gateway.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Rollout;

/// <summary>
/// <c>rollout.json</c>: Microsoft FeatureManagement's schema, and our <c>Cohorts</c> beside it.
/// Source: https://github.com/microsoft/FeatureManagement/tree/main/Schema.
/// </summary>
internal sealed record RolloutFile(
    FrozenDictionary<string, Cohort> Cohorts, FrozenDictionary<string, Flag> Flags, string EnvironmentName)
{
    public const string Name = "rollout.json";

    private const string FlagsPath = "feature_management:feature_flags";

    private static readonly JsonShape FlagShape = Object(
        ("id", Text), ("display_name", Any), ("description", Any), ("enabled", JsonShape.Boolean),
        ("conditions", Object(
            ("requirement_type", OneOf("Any", "All")),
            ("client_filters", List(Object(("name", OneOf(FlagFilterShape.Names)), ("parameters", Map(Any))))))),
        ("variants", Any), ("allocation", Any), ("telemetry", Any));

    private static readonly JsonShape Shape = Object(
        ("feature_management", Object(("feature_flags", List(FlagShape)))),
        ("Cohorts", Map(Object(
            ("Users", Texts), ("Groups", FlagFilterShape.Groups), ("DefaultRolloutPercentage", Number(0, 100)),
            ("Exclusion", FlagFilterShape.Exclusion), ("Environments", Texts)))));

    /// <param name="environmentVariable">Reads an environment variable; null when unset.</param>
    /// <param name="environmentName">The deployment's name that a cohort's <c>Environments</c> are compared with.</param>
    public static RolloutFile? Read(
        byte[] json, Func<string, string?> environmentVariable, string environmentName, List<ConfigFinding> all)
    {
        var findings = new FindingList(Name, all);
        if (!ConfigJson.TryParse(json, findings, out var document))
            return null;
        IConfiguration? configuration;
        using (document)
        {
            Shape.Check(document.RootElement, "", findings);
            if (ConfigJson.TryBind(json, findings, out configuration))
                CheckFlags(configuration!, document.RootElement, findings);
        }

        if (findings.HasErrors)
            return null;
        CallerNames.Read(configuration!, FlagsPath, findings);
        var cohorts = configuration!.GetSection("Cohorts").GetChildren()
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
            manager));
        return new(cohorts, flags.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal), environmentName);
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

    private static void CheckFlags(
        IConfiguration configuration, JsonElement root, FindingList findings)
    {
        var cohorts = configuration.GetSection("Cohorts").GetChildren().Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var flag in configuration.GetSection(FlagsPath).GetChildren())
        {
            if (string.IsNullOrEmpty(flag["id"]))
                findings.Error($"{flag.Path}:id", null, "the flag's name");
            else if (!seen.Add(flag["id"]!))
                findings.Error($"{flag.Path}:id", flag["id"], "a name that no other flag has");
            foreach (var filter in flag.GetSection("conditions:client_filters").GetChildren())
                FlagFilterShape.Check(filter, root, cohorts, findings);
        }
    }

    private static FrozenSet<string> Names(IConfigurationSection section, string key) =>
        section.GetSection(key).Get<string[]>()?.ToFrozenSet(StringComparer.Ordinal) ?? [];

    private static Func<IConfigurationSection, double> Percentage(string key) =>
        section => double.Parse(section[key] ?? "0", CultureInfo.InvariantCulture);
}
