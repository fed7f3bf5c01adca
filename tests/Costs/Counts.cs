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

    public Counts Least(Counts other) => new(
        Math.Min(Activities, other.Activities), Math.Min(Scopes, other.Scopes), Math.Min(WorkItems, other.WorkItems),
        Math.Min(ToClient, other.ToClient), Math.Min(ToBackend, other.ToBackend), Math.Min(FileReads, other.FileReads),
        Math.Min(Bytes, other.Bytes));

    public Cost PerExchange(string name, double exchanges) => new(
        name, Bytes / exchanges, Activities / exchanges, Scopes / exchanges, WorkItems / exchanges, ToClient / exchanges,
        ToBackend / exchanges, FileReads / exchanges);
}
