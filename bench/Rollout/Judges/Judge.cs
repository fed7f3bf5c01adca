using System.Runtime.InteropServices;
using Gateway.Rollout.Statistics;

namespace RolloutBench.Judges;

internal enum Outcome
{
    Undecided,
    Promoted,
    Paused,
    RolledBack,
}

/// <param name="Tick">The last ten seconds.</param>
/// <param name="Users">All users until now, and those of them who ever failed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Seen(GateTick Tick, GateTick Users);

/// <summary>Decides over one ramp as its ticks come in.</summary>
internal abstract class Judge
{
    /// <summary>Six steps below 100 %, a quarter of an hour each: an hour and a half, if nothing waits.</summary>
    protected const int Steps = 6;

    protected const int StepTicks = 90;

    public Outcome Outcome { get; private set; }

    /// <summary>When it had decided, in ticks from the ramp's start.</summary>
    public int Ticks { get; private set; }

    public void Look(Seen seen)
    {
        if (Outcome != Outcome.Undecided)
            return;
        Ticks++;
        Outcome = Decide(seen);
    }

    protected abstract Outcome Decide(Seen seen);
}
