using System.Collections.Concurrent;
using Gateway.Exchanges;

namespace Gateway.Rollout;

/// <summary>
/// What a flag's filters said of a caller, remembered for as long as the flag's snapshot is in force: the filters do not change while it
/// is, and asking them costs several times as much as looking here.
/// </summary>
/// <param name="ask">Asks the filters; its answer depends on the caller alone.</param>
internal sealed class CallerVerdicts(Func<Caller, Placement> ask)
{
    /// <summary>Then all are forgotten: callers are as many as somebody outside likes.</summary>
    public const int Most = 32_768;

    /// <summary>Characters of a caller's groups together; whoever has more is asked about each time, so that memory has a bound.</summary>
    public const int LongestGroups = 512;

    /// <summary>Of callers without groups, which most are: a look here touches as little memory as it can.</summary>
    private readonly ConcurrentDictionary<string, Placement> _byUser = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<Caller, Placement> _byUserAndGroups = new(SameNames.Instance);
    private int _count;

    public Placement Place(Caller caller)
    {
        if (caller.Groups.Count == 0)
            return Place(_byUser, caller.UserId ?? "", caller);
        return caller.Groups.Sum(static group => group.Length) > LongestGroups ? ask(caller) : Place(_byUserAndGroups, caller, caller);
    }

    private Placement Place<TKey>(ConcurrentDictionary<TKey, Placement> known, TKey key, Caller caller)
        where TKey : notnull
    {
        if (known.TryGetValue(key, out var placement))
            return placement;
        if (Interlocked.Increment(ref _count) > Most)
        {
            _byUser.Clear();
            _byUserAndGroups.Clear();
            Volatile.Write(ref _count, 1);
        }

        return known[key] = ask(caller);
    }

    private sealed class SameNames : IEqualityComparer<Caller>
    {
        public static readonly SameNames Instance = new();

        public bool Equals(Caller? x, Caller? y) => ReferenceEquals(x, y)
            || (x is not null && y is not null && x.UserId == y.UserId && x.Groups.SequenceEqual(y.Groups, StringComparer.Ordinal));

        public int GetHashCode(Caller caller)
        {
            var hash = new HashCode();
            hash.Add(caller.UserId, StringComparer.Ordinal);
            foreach (var group in caller.Groups)
                hash.Add(group, StringComparer.Ordinal);
            return hash.ToHashCode();
        }
    }
}
