using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Configuration;
using ServiceDefaults.Options;
using ServiceDefaults.Times;

namespace Gateway.Rollout.Ramps;

/// <summary>A flag's filter that names a cohort.</summary>
/// <param name="Filters">How many the flag has, this one included.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CohortUse(string Cohort, string Flag, int Filters);

/// <summary>
/// What the shape of <c>Ramps</c> cannot say. Every value is looked at for itself, also where others are wrong: no fault hides another.
/// </summary>
internal static class RampChecks
{
    /// <param name="uses">Of cohorts by the filters of flags.</param>
    public static void Check(
        IConfiguration configuration, HashSet<string> cohorts, IReadOnlyList<CohortUse> uses, FindingList findings)
    {
        foreach (var ramp in configuration.GetSection(RampReader.Section).GetChildren())
        {
            CheckCohort(ramp, cohorts, uses, findings);
            CheckSteps(ramp.GetSection("Steps"), findings);
            CheckGates(ramp.GetSection("Gates"), findings);
            CheckWindows(ramp.GetSection("Windows"), findings);
            foreach (var address in ramp.GetSection("Notify").GetChildren())
                RampReceivers.Check(address, findings);
        }
    }

    private static void CheckCohort(
        IConfigurationSection ramp, HashSet<string> cohorts, IReadOnlyList<CohortUse> uses, FindingList findings)
    {
        var own = uses.Where(use => use.Cohort == ramp.Key).ToArray();
        if (!cohorts.Contains(ramp.Key))
        {
            findings.ErrorAtKey(
                ramp.Path, ramp.Key, cohorts.Count == 0
                    ? "the name of an entry of Cohorts, which is empty"
                    : "one of the Cohorts: " + string.Join(", ", cohorts.Order(StringComparer.Ordinal)),
                NearestName.Find(ramp.Key, cohorts));
        }
        else if (own.Length == 0)
        {
            findings.WarningAtKey(ramp.Path, ramp.Key, "a cohort that a filter of a flag names; this ramp moves nobody");
        }

        foreach (var use in own.Where(use => use.Filters > 1))
        {
            findings.WarningAtKey(ramp.Path, ramp.Key,
                $"a cohort that stands alone behind its flags; {use.Flag} has {use.Filters} filters, so who is in is not up to this one "
                + "alone, and the two sides are no fair comparison");
        }
    }

    private static void CheckSteps(IConfigurationSection steps, FindingList findings)
    {
        double? before = null;
        foreach (var step in steps.GetChildren())
        {
            var percentage = RampReader.ReadNumber(step.Value);
            if (percentage <= before)
            {
                findings.Error(step.Path, step.Value, string.Create(
                    CultureInfo.InvariantCulture, $"a number above {before}, the step before: steps rise"));
            }

            before = percentage ?? before;
        }
    }

    private static void CheckGates(IConfigurationSection gates, FindingList findings)
    {
        foreach (var gate in gates.GetChildren())
            CheckGate(gate, findings);
        if (gates.GetChildren().Any() && gates.GetChildren().All(gate => bool.TryParse(gate["Decides"], out var decides) && !decides))
            findings.Error(gates.Path, "no gate that decides", "at least one: without it nothing would ever be proved");
    }

    private static void CheckGate(IConfigurationSection gate, FindingList findings)
    {
        var (measure, against) = (RampWords.Find<Measure>(gate["Measure"]), gate["Against"]);
        var control = RampShape.Control.Equals(against, StringComparison.OrdinalIgnoreCase);
        if (measure is Measure.PublishFailed or Measure.ExportFailed && control)
        {
            findings.Error($"{gate.Path}:Against", against,
                "a rate, as 0.05: the other side is answered by the dry-run, which cannot fail, so it is no control");
        }

        if (gate["Margin"] is { } margin && RampReader.ReadNumber(against) is not null)
            findings.Error($"{gate.Path}:Margin", margin, $"nothing: a margin goes with \"{RampShape.Control}\", and this gate has a rate");
        if (measure == Measure.SlowerThan && gate["Than"] is null)
            findings.Error($"{gate.Path}:Than", null, "the duration that is slow, as 00:00:01");
        if (gate["Than"] is { } than && measure is { } other && other != Measure.SlowerThan)
            findings.Error($"{gate.Path}:Than", than, $"nothing: it goes with {RampWords.Of(Measure.SlowerThan)}");
    }

    private static void CheckWindows(IConfigurationSection windows, FindingList findings)
    {
        if (windows["TimeZone"] is not { Length: > 0 } zone)
            return;
        if (!Zones.IsKnown(zone))
            findings.Error($"{windows.Path}:TimeZone", zone, "an IANA time zone, as Europe/Berlin", Zones.All);
        if (!windows.GetSection("Weekly").GetChildren().Any() && !windows.GetSection("Freezes").GetChildren().Any())
            findings.Error(windows.Path, "{…}", "Weekly, Freezes or both");
        foreach (var text in windows.GetSection("Freezes").GetChildren().Where(text => text.Value is not null))
        {
            if (Freeze.Find(text.Value!, zone) is { } freeze && freeze.Until <= freeze.From)
                findings.Error(text.Path, text.Value, "an end that is after the beginning");
        }
    }
}
