using System.Globalization;
using Gateway.Configuration;

namespace Gateway.Rollout.Control;

/// <summary>The two kinds of values that a rollout changes, as text: what events and the audit compare.</summary>
internal static class RolloutValue
{
    public static string ToText(double percentage) => percentage.ToString("R", CultureInfo.InvariantCulture);

    public static string ToText(bool enabled) => enabled ? "true" : "false";

    /// <returns>Null when the file has no such cohort or flag, or cannot be read.</returns>
    public static string? Read(byte[] rollout, string subject, bool isFlag)
    {
        using var json = ConfigJson.Read(rollout, RolloutFile.Name, []);
        if (json is null || RolloutFile.Read(json, static _ => null, "") is not { } file)
            return null;
        if (isFlag)
            return file.Flags.TryGetValue(subject, out var flag) ? ToText(flag.Switch.FileEnabled is true) : null;
        return file.Cohorts.TryGetValue(subject, out var cohort) ? ToText(cohort.DefaultPercentage) : null;
    }
}
