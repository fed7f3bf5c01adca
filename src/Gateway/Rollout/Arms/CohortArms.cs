using Gateway.Exchanges;
using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Arms;

/// <summary>
/// Both arms of one cohort: which users were there in each tick, and what became of them. Requests mark their users; all else happens when
/// a tick is over. A user counts once a tick and gate, as failed if any request failed: retries are not independent.
/// </summary>
/// <param name="gates">At most <see cref="MostGates"/>.</param>
internal sealed class CohortArms(IReadOnlyList<RampGate> gates)
{
    public const int MostGates = 16;

    private const int FewestSeats = 1 << 12;
    private const int MostSeats = 1 << 18;

    /// <summary>Of the marks, behind one bit a gate for "was there" and one for "failed".</summary>
    private const ulong SawError = 1UL << (2 * MostGates);

    private const ulong WasThere = SawError << 1;

    private readonly ArmSums _sums = new(gates);
    private double _percentage;
    private TickUsers _current = new(FewestSeats);
    private TickUsers _former = new(FewestSeats);

    /// <summary>Other sums under another name: a reader that subtracts begins anew.</summary>
    public string Epoch { get; } = Guid.NewGuid().ToString("n");

    public IReadOnlyList<RampGate> Gates => gates;

    public void Count(Exchange exchange, Assignment assignment, in RequestOutcome outcome)
    {
        var marks = WasThere;
        if (outcome.Status >= StatusCodes.Status500InternalServerError)
            marks |= SawError;
        for (var i = 0; i < gates.Count; i++)
        {
            if (ArmOutcome.IsFailure(gates[i], exchange, assignment, outcome) is { } failed)
                marks |= (failed ? 1UL << (MostGates + i) : 0) | (1UL << i);
        }

        Volatile.Read(ref _current).Mark(ToKey(assignment), marks);
    }

    /// <summary>
    /// Ends a tick: requests mark the next one, and the one before this is added to the sums. It rested for a whole tick, so a request that
    /// had it in hand when it ended has long put its mark.
    /// </summary>
    public void EndTick()
    {
        var rested = _former;
        _former = _current;
        var users = 0;
        foreach (var (key, marks) in rested.Read())
        {
            users++;
            AddUser(key, marks);
        }

        _sums.EndTick(rested.LeftOut);
        if (users > rested.Seats / 2 && rested.Seats < MostSeats)
            rested = new TickUsers(rested.Seats * 2);
        else
            rested.Clear();
        Volatile.Write(ref _current, rested);
    }

    public ArmFigures Read() => _sums.Read();

    public void AssignBy(double percentage)
    {
        if (_percentage != percentage)
            _sums.Reassign();
        _percentage = percentage;
    }

    private void AddUser(ulong key, ulong marks)
    {
        var isCanary = (key & 1) == 1;
        _sums.AddUser(key >> 1, isCanary, (marks & SawError) != 0);
        for (var i = 0; i < gates.Count; i++)
        {
            if ((marks & (1UL << i)) != 0)
                _sums.AddUnit(i, key >> 1, isCanary, (marks & (1UL << (MostGates + i))) != 0);
        }
    }

    /// <summary>Of a user in an arm: the bucket's bits, of which hardly two users share all, and the arm.</summary>
    private static ulong ToKey(Assignment assignment)
    {
        var key = (BitConverter.DoubleToUInt64Bits(assignment.Bucket) << 1) | (assignment.IsCanary ? 1UL : 0);
        return key == 0 ? 2 : key;
    }
}
