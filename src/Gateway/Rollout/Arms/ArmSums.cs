using System.Globalization;
using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Arms;

/// <summary>What the ticks of one cohort add up to. One thread writes, anybody reads.</summary>
internal sealed class ArmSums(IReadOnlyList<RampGate> gates)
{
    private readonly Lock _lock = new();
    private readonly SeenUsers _seen = new();
    private readonly SeenUsers _present = new();
    private readonly ArmCounts[] _arms = [new(), new()];
    private readonly GateCounts[] _gates = [.. gates.Select(gate => new GateCounts(gate.Name))];
    private long _tick;
    private long _leftOut;

    public void AddUser(ulong user, bool isCanary, bool sawError)
    {
        var arm = _arms[Index(isCanary)];
        lock (_lock)
        {
            arm.Units++;
            arm.Errors += sawError ? 1 : 0;
            arm.FirstSeen += _seen.TryAdd(user) ? 1 : 0;
            arm.Distinct += _present.TryAdd(user) ? 1 : 0;
        }
    }

    public void AddUnit(int gate, ulong user, bool isCanary, bool failed)
    {
        lock (_lock)
            _gates[gate].Add(user, isCanary, failed, _tick);
    }

    public void EndTick(long leftOut)
    {
        lock (_lock)
        {
            _tick++;
            _leftOut += leftOut;
        }
    }

    /// <summary>Other users may be in either arm from now on.</summary>
    public void Reassign()
    {
        lock (_lock)
        {
            _present.Clear();
            foreach (var arm in _arms)
                arm.Distinct = 0;
        }
    }

    public ArmFigures Read()
    {
        lock (_lock)
        {
            return new(
                _tick, _leftOut, _arms[1].Read(), _arms[0].Read(),
                _gates.ToDictionary(gate => gate.Name, gate => gate.Read(), StringComparer.Ordinal));
        }
    }

    public static int Index(bool isCanary) => isCanary ? 1 : 0;

    private sealed class ArmCounts
    {
        public long Units;
        public long Errors;
        public long FirstSeen;
        public long Distinct;

        public ArmUsers Read() => new(Units, Errors, FirstSeen, Distinct);
    }

    private sealed class GateCounts(string name)
    {
        /// <summary>Enough to tell one broken account from many; whoever failed last is kept.</summary>
        private const int MostFailing = 64;

        private readonly long[] _units = new long[2];
        private readonly long[] _failures = new long[2];
        private readonly Dictionary<ulong, long> _failing = [];

        public string Name => name;

        public void Add(ulong user, bool isCanary, bool failed, long tick)
        {
            _units[Index(isCanary)]++;
            if (!failed)
                return;
            _failures[Index(isCanary)]++;
            if (!isCanary)
                return;
            if (_failing.Count == MostFailing && !_failing.ContainsKey(user))
                _failing.Remove(_failing.MinBy(one => one.Value).Key);
            _failing[user] = tick;
        }

        public GateFigures Read() => new(
            new(_units[1], _failures[1]), new(_units[0], _failures[0]),
            [.. _failing.OrderByDescending(one => one.Value).Select(one =>
                new FailingUser(one.Key.ToString("x16", CultureInfo.InvariantCulture), one.Value))]);
    }
}

/// <summary>Of one cohort, since its epoch began.</summary>
/// <param name="Tick">How many ticks have been added.</param>
/// <param name="LeftOut">Requests that no tick had a seat for.</param>
internal sealed record ArmFigures(
    long Tick, long LeftOut, ArmUsers Canary, ArmUsers Control, IReadOnlyDictionary<string, GateFigures> Gates);

/// <param name="Units">A user in a tick is one.</param>
/// <param name="Errors">Of these, with an answer of 500 or above at the client, whoever gave it.</param>
/// <param name="FirstSeen">Users, each in the arm in which it was first seen.</param>
/// <param name="Distinct">Users since the percentage in force is in force.</param>
internal sealed record ArmUsers(long Units, long Errors, long FirstSeen, long Distinct);

/// <param name="FailingUsers">Of the canary, the last first; a bounded number.</param>
internal sealed record GateFigures(GateUnits Canary, GateUnits Control, IReadOnlyList<FailingUser> FailingUsers);

internal sealed record GateUnits(long Units, long Failures);

/// <param name="User">The same text on every gateway for the same user; not the user's name.</param>
/// <param name="Tick">The last in which they failed.</param>
internal sealed record FailingUser(string User, long Tick);
