using System.Runtime.InteropServices;

namespace Costs;

/// <summary>Everything that is counted, up to a moment or of a batch.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Counts(
    long Activities, long Scopes, long WorkItems, long ToClient, long ToBackend, long FileReads, long Bytes)
{
    public Counts Since(Counts before) => new(
        Activities - before.Activities, Scopes - before.Scopes, WorkItems - before.WorkItems, ToClient - before.ToClient,
        ToBackend - before.ToBackend, FileReads - before.FileReads, Bytes - before.Bytes);

    /// <summary>Of each count the least that two batches agree on; where no two do, the least.</summary>
    public static Counts Agreed(IReadOnlyCollection<Counts> batches) => new(
        Agreed(batches, b => b.Activities), Agreed(batches, b => b.Scopes), Agreed(batches, b => b.WorkItems),
        Agreed(batches, b => b.ToClient), Agreed(batches, b => b.ToBackend), Agreed(batches, b => b.FileReads),
        Agreed(batches, b => b.Bytes));

    public Cost PerExchange(string name, double exchanges) => new(
        name, Bytes / exchanges, Activities / exchanges, Scopes / exchanges, WorkItems / exchanges, ToClient / exchanges,
        ToBackend / exchanges, FileReads / exchanges);

    private static long Agreed(IReadOnlyCollection<Counts> batches, Func<Counts, long> count) =>
        batches.GroupBy(count).OrderByDescending(same => same.Count() > 1).ThenBy(same => same.Key).First().Key;
}
