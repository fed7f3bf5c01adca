using CompareBench.Candidates;
using CompareBench.Load;
using CompareBench.Reports;
using CompareBench.Running;

namespace CompareBench.Cases;

/// <summary>What a request costs as the configuration grows. nginx and HAProxy have no lists of names and are left out.</summary>
internal static class GrowthCase
{
    private const int Fewest = 10;

    /// <summary>One a minute for an hour. Of figures a gateway keeps a minute, of events of its configuration fifty.</summary>
    private const int HourOfReloads = 60;

    private static readonly TimeSpan BetweenReloads = TimeSpan.FromSeconds(1);

    private static readonly int[] Areas = [Fewest, 100, 1000];
    private static readonly int[] Names = [Fewest, 1000, 100_000];

    public static async Task<Section> RunAsync(Bench bench)
    {
        var entries = bench.Candidates.SelectMany(ListEntries).ToArray();
        await using var lineUp = await bench.StartAsync(entries.Select(static e => (e.Name, e.Candidate, e.Job)));
        await Task.WhenAll(lineUp.Contenders.Select(MakeHistoryAsync));
        var load = CreateLoads(bench, lineUp.Contenders);
        await bench.Turns.WarmUpAsync(lineUp.Contenders, load);
        var rounds = await bench.Turns.MeasureAsync(lineUp.Contenders, load);
        var measured = rounds.ToDictionary(static m => m.Name, StringComparer.Ordinal);

        var tables = new List<Table>();
        var curves = new List<Curve>();
        foreach (var group in entries.GroupBy(static e => e.Candidate))
        {
            var rows = group.Select(e => measured[e.Name]).ToArray();
            tables.Add(HttpTable.Create($"{group.Key.Name}:", rows, rows[0], "the first row's"));
            Curve Over(string what, Func<Entry, bool> belongs, Func<Entry, int> size) =>
                new(what, group.Key.Name, [.. group.Where(belongs).Select(e => (size(e), measured[e.Name].ProcessorTime.Median))]);
            curves.Add(Over("routes", static e => e.Job is { Names: Fewest, Reloads: 0 }, static e => e.Job.Areas));
            if (group.Key.DoesTheJob)
                curves.Add(Over("names in a cohort's list", static e => e.Job is { Areas: Fewest, Reloads: 0 }, static e => e.Job.Names));
        }

        return new(
            "Growth",
            "GET of 1 KiB, 32 connections, the requests spread over all routes, with more and more routes, and with more and more users " +
            "in the cohort by name (none of the 10,000 who ask is among them: the list is asked in vain, and the percentage decides). With " +
            "an hour's history: its configuration was saved once for each minute of an hour before, and its last minute's figures are " +
            "full; of what is older than that it keeps nothing but its counters.",
            tables, []) { Curves = curves };
    }

    private static IEnumerable<Entry> ListEntries(Candidate candidate)
    {
        if (candidate is not (BareYarp or GatewayCandidate))
            yield break;
        foreach (var areas in Areas)
            yield return new(candidate, Bench.Job with { Areas = areas, Names = Fewest });
        if (!candidate.DoesTheJob)
            yield break;
        foreach (var names in Names.Where(static n => n != Fewest))
            yield return new(candidate, Bench.Job with { Areas = Fewest, Names = names });
        yield return new(candidate, Bench.Job with { Areas = Fewest, Names = Fewest, Reloads = HourOfReloads });
    }

    private static async Task MakeHistoryAsync(Contender contender)
    {
        var file = contender.Place.File("config/gateway.json");
        var shipped = contender.Job.Reloads > 0 ? await File.ReadAllTextAsync(file) : "";
        for (var reload = 1; reload <= contender.Job.Reloads; reload++)
        {
            await File.WriteAllTextAsync(file, shipped + new string('\n', reload % 2));
            await Task.Delay(BetweenReloads);
        }
    }

    private static Func<Uri, TimeSpan, Task<LoadResult>> CreateLoads(Bench bench, IEnumerable<Contender> contenders)
    {
        var loads = contenders.ToDictionary(
            static c => c.Address,
            c => new Wrk(bench.Directory) { Method = "GET", Path = $"\"/area\" .. (i % {c.Job.Areas}) .. \"/c\" .. (i % 500)" });
        return (target, duration) => loads[target].RunAsync(target, duration);
    }

    private sealed record Entry(Candidate Candidate, Job Job)
    {
        public string Name => Candidate.DoesTheJob
            ? $"{Candidate.Name}, {Job.Areas:N0} routes, {Job.Names:N0} names{(Job.Reloads > 0 ? ", an hour's history" : "")}"
            : $"{Candidate.Name}, {Job.Areas:N0} routes";
    }
}
