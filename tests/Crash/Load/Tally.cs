using System.Collections.Concurrent;

namespace Crash.Load;

/// <summary>How many requests of each kind were answered how.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<(string Kind, string What), int> _counts = new();

    public IReadOnlyDictionary<(string Kind, string What), int> Counts => _counts;

    public void Count(string kind, string what) => _counts.AddOrUpdate((kind, what), 1, (_, count) => count + 1);
}
