using System.Collections.Frozen;
using System.Globalization;
using ServiceDefaults.Options;

namespace Gateway.Rollout.Ramps;

/// <summary><c>Ramps</c> of a file without errors, as records.</summary>
internal static class RampReader
{
    public const string Section = "Ramps";

    public static FrozenDictionary<string, RampPlan> Read(IConfiguration configuration) =>
        configuration.GetSection(Section).GetChildren().Select(ReadPlan).ToFrozenDictionary(plan => plan.Cohort, StringComparer.Ordinal);

    public static double? ReadNumber(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static RampPlan ReadPlan(IConfigurationSection ramp) => new(
        ramp.Key,
        [.. ramp.GetSection("Steps").GetChildren().Select(step => ReadNumber(step.Value)!.Value)],
        ReadDuration(ramp["Bake"])!.Value,
        [.. ramp.GetSection("Gates").GetChildren().Select(ReadGate)],
        RampWords.Find<OnRegression>(ramp["OnRegression"]) ?? OnRegression.Rollback,
        RampWords.Find<RollbackTo>(ramp["RollbackTo"]) ?? RollbackTo.Zero,
        RampWords.Find<OnInconclusive>(ramp["OnInconclusive"]) ?? OnInconclusive.Pause,
        ReadWindows(ramp.GetSection("Windows")),
        [.. ramp.GetSection("Notify").GetChildren().Select(address => RampReceivers.Read(address.Value!)!)]);

    private static RampGate ReadGate(IConfigurationSection gate)
    {
        var limit = ReadNumber(gate["Against"]);
        return new(
            gate.Key,
            RampWords.Find<Measure>(gate["Measure"])!.Value,
            limit,
            limit is null ? ReadNumber(gate["Margin"]) ?? RampShape.DefaultMargin : null,
            ReadDuration(gate["Than"]),
            gate.GetValue("Decides", true));
    }

    private static RampWindows? ReadWindows(IConfigurationSection windows) => windows["TimeZone"] is { } zone
        ? new(
            [.. windows.GetSection("Weekly").GetChildren().Select(window => WeeklyWindow.Find(window.Value!)!)],
            zone,
            [.. windows.GetSection("Freezes").GetChildren().Select(freeze => Freeze.Find(freeze.Value!, zone)!.Value)])
        : null;

    private static TimeSpan? ReadDuration(string? text) => Durations.TryParse(text, out var duration) ? duration : null;
}
