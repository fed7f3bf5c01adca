using System.Text.Json;
using Gateway.Configuration;
using Gateway.Rollout;
using Gateway.Routing;
using ServiceDefaults.Options;

namespace Gateway.Snapshots;

/// <summary>Names that one of the files says and the other, or another part of it, should know.</summary>
internal static class FlagNames
{
    /// <summary>Every flag that a route or <c>rollout.json</c> names.</summary>
    public static IEnumerable<string> Find(IConfiguration? gateway, IConfiguration? rollout) =>
        (gateway is null ? [] : InRoutes(gateway)).Concat(rollout is null ? [] : InRollout(rollout))
            .Select(flag => flag.Value!).Distinct(StringComparer.Ordinal);

    public static void Check(ConfigJson gateway, ConfigJson rollout)
    {
        if (gateway.Root.ValueKind != JsonValueKind.Object || rollout.Root.ValueKind != JsonValueKind.Object)
            return; // Nothing of such a file was meant.
        var asked = InRoutes(gateway.Configuration).ToArray();
        var known = InRollout(rollout.Configuration).ToArray();
        foreach (var flag in asked.Where(flag => !known.Any(k => k.Value == flag.Value)))
        {
            gateway.Findings.Warning(
                flag.Path, flag.Value, $"a flag of {RolloutFile.Name}: {Join(known)}; until then it is off", Nearest(flag, known));
        }

        foreach (var flag in known.Where(flag => !asked.Any(a => a.Value == flag.Value)))
        {
            rollout.Findings.Warning(
                flag.Path, flag.Value, $"a flag that a route of {GatewayFile.Name} names: {Join(asked)}", Nearest(flag, asked));
        }

        foreach (var cohort in RolloutFile.FindUnusedCohorts(rollout.Configuration))
            rollout.Findings.WarningAtKey(cohort.Path, cohort.Key, "a cohort that a filter of a flag names; nobody asks for this one");
    }

    private static IEnumerable<IConfigurationSection> InRoutes(IConfiguration gateway) =>
        gateway.GetSection($"{GatewayFile.Root}:Routes").GetChildren().Select(route => route.GetSection("Metadata:Flag"))
            .Where(flag => !string.IsNullOrEmpty(flag.Value));

    private static IEnumerable<IConfigurationSection> InRollout(IConfiguration rollout) =>
        rollout.GetSection(RolloutFile.FlagsPath).GetChildren().Select(flag => flag.GetSection("id"))
            .Where(id => !string.IsNullOrEmpty(id.Value));

    private static string Join(IConfigurationSection[] flags) => flags.Length == 0
        ? "there is none" : string.Join(", ", flags.Select(flag => flag.Value).Distinct(StringComparer.Ordinal));

    private static string? Nearest(IConfigurationSection flag, IConfigurationSection[] among) =>
        NearestName.Find(flag.Value!, among.Select(other => other.Value!).Where(name => name.Trim() == name));
}
