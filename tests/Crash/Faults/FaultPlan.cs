namespace Crash.Faults;

internal enum FaultKind
{
    /// <summary>SIGKILL, and a new process on the same folder.</summary>
    Kill,

    /// <summary>SIGSTOP, later SIGCONT: longer than its runs' lease, so that others take them for dead.</summary>
    Freeze,

    /// <summary>SIGKILL while publishes wait on its disk, with Postgres out of its reach.</summary>
    KillWhileQueueing,

    /// <summary>Postgres out of its reach, and no room for the spool.</summary>
    FullDisk,

    /// <summary>A newcomer on the same folder; then the old process dies for ever, and leaves its spool to it.</summary>
    Replace,

    /// <summary>What <c>pg_ctl restart -m immediate</c> does: every session drops, and recovery from the log.</summary>
    CrashPostgres,

    /// <summary>The same, with a pause in which nobody has a database.</summary>
    StopPostgres,

    /// <summary>Commits that happened, whose answer is lost.</summary>
    LoseReplies,

    /// <summary>Commits that never arrive.</summary>
    LoseCommits,

    /// <summary>One replica's bytes to and from Postgres wait, longer than it does, and arrive after it gave up.</summary>
    Silence,

    /// <summary>Every session of one replica is reset, wherever it is.</summary>
    ResetSessions,
}

/// <param name="At">From the start of the load; later when the fault before it in its lane took longer.</param>
/// <param name="Bytes">What still fits on a full disk.</param>
internal sealed record PlannedFault(TimeSpan At, FaultKind Kind, int Replica, TimeSpan Lasting, int Bytes);

/// <summary>
/// What goes wrong, and when: the same for the same seed. Two lanes, one of processes and one of the database, each one fault after
/// another, so that two faults of different kinds often meet. Every kind comes once before any comes twice, and once at least.
/// </summary>
internal sealed record FaultPlan(IReadOnlyList<PlannedFault> Processes, IReadOnlyList<PlannedFault> Database)
{
    private static readonly FaultKind[] ProcessKinds =
        [FaultKind.Kill, FaultKind.Freeze, FaultKind.KillWhileQueueing, FaultKind.FullDisk, FaultKind.Replace];

    private static readonly FaultKind[] DatabaseKinds =
    [
        FaultKind.CrashPostgres, FaultKind.StopPostgres, FaultKind.LoseReplies, FaultKind.LoseCommits, FaultKind.Silence,
        FaultKind.ResetSessions,
    ];

    public static FaultPlan Of(int seed, TimeSpan duration, int replicas)
    {
        var random = new Random(seed);
        return new(Lane(random, ProcessKinds, duration, replicas), Lane(random, DatabaseKinds, duration, replicas));
    }

    private static List<PlannedFault> Lane(Random random, FaultKind[] kinds, TimeSpan duration, int replicas)
    {
        var longest = Math.Clamp(duration.TotalSeconds / 12, 1, 5);
        var (lane, deck, at) = (new List<PlannedFault>(), new Queue<FaultKind>(), 0.3 + random.NextDouble());
        while (at < duration.TotalSeconds || lane.Count < kinds.Length)
        {
            if (deck.Count == 0)
                deck = new(kinds.OrderBy(_ => random.Next()));
            var lasting = 0.4 + (random.NextDouble() * (longest - 0.4));
            lane.Add(new(
                TimeSpan.FromSeconds(at), deck.Dequeue(), random.Next(replicas), TimeSpan.FromSeconds(lasting), random.Next(0, 4_000)));
            at += lasting + 0.3 + random.NextDouble();
        }

        return lane;
    }
}
