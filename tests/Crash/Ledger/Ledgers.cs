using System.Collections.Concurrent;

namespace Crash.Ledger;

/// <summary>Everything that was asked, and everything that was answered. In memory: it is not the rig that crashes.</summary>
internal sealed class Ledgers
{
    private readonly ConcurrentQueue<string> _surprises = [];

    public PublishLedger Publishes { get; } = new();

    public EditLedger Edits { get; } = new();

    public RunLedger Runs { get; } = new();

    /// <summary>Answers that contradict an earlier acknowledgement, seen while it went on.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    public void Surprise(string what) => _surprises.Enqueue(what);
}
