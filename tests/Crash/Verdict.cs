using System.Globalization;
using System.Text;
using Crash.Audit;
using Crash.Faults;
using Crash.Load;

namespace Crash;

/// <summary>What a run comes to, and the table that says it.</summary>
internal sealed class Verdict(
    CrashOptions options, Tally tally, IReadOnlyDictionary<FaultKind, int> injected, string lost, Findings findings)
{
    private const int MostShown = 25;

    public IReadOnlyList<Finding> Findings => findings.All;

    public IReadOnlyDictionary<FaultKind, int> Injected => injected;

    /// <summary>Requests of a kind that were answered so.</summary>
    public int Count(string kind, string what) => tally.Counts.GetValueOrDefault((kind, what));

    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"seed {options.Seed}, {options.Duration.TotalMinutes:0.##} minutes, {options.Replicas} replicas, {options.Clients} clients");
        Line($"\nanswers");
        foreach (var kind in tally.Counts.GroupBy(count => count.Key.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            Line($"  {kind.Key,-10}{kind.Sum(count => count.Value),9}  {string.Join(", ", kind
                .OrderBy(count => count.Key.What, StringComparer.Ordinal).Select(count => $"{count.Key.What}: {count.Value}"))}");
        }

        Line($"\nfaults");
        foreach (var (kind, count) in injected.OrderBy(each => each.Key))
            Line($"  {kind,-20}{count,5}");
        Line($"  {lost}");
        Line($"\nledger");
        foreach (var (what, count) in findings.Numbers)
            Line($"  {what,-46}{count,9}");
        foreach (var wrong in Enum.GetValues<Wrong>())
            Line($"  {wrong.ToString().ToUpperInvariant(),-46}{findings.All.Count(finding => finding.Wrong == wrong),9}");
        foreach (var finding in findings.All.OrderBy(finding => finding.Wrong).Take(MostShown))
            Line($"\n{finding.Wrong.ToString().ToUpperInvariant()} {finding.Text}");
        if (findings.All.Count > MostShown)
            Line($"\nand {findings.All.Count - MostShown} more");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
