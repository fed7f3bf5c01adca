using System.Globalization;
using Gateway.Rollout.Files;
using Gateway.Snapshots;

namespace Gateway.Rollout.Control;

/// <summary>
/// Carries transitions out, so that a kill at any point leaves nothing by half: the state first says what is to be done, then the file is
/// changed, then the audit has its line, then the state forgets it. Whoever opens the folder next finishes what is pending.
/// </summary>
internal sealed class Transitions(RolloutFolder folder)
{
    /// <param name="before">The state without the transition.</param>
    /// <param name="after">The state behind it.</param>
    /// <returns>The event as it stands in the audit.</returns>
    /// <exception cref="RolloutRefusedException">The file was changed meanwhile or cannot be written; all is as it was.</exception>
    public (RolloutState State, RolloutEvent Event) Carry(
        ConfigFiles files, RolloutState before, RolloutState after, RolloutEvent transition)
    {
        var edited = transition.ChangesFile ? Edit(files.Rollout!, transition) : null;
        folder.WriteState(after with { Pending = transition });
        if (edited is not null)
        {
            try
            {
                folder.ReplaceRollout(edited, files.Rollout!);
            }
            catch (RolloutRefusedException)
            {
                folder.WriteState(before);
                throw;
            }
        }

        return Finish(after, transition);
    }

    /// <summary>
    /// Finishes what a kill has left. A move upward that had not reached the file is dropped, and decided again on today's evidence; one
    /// that takes users back is made good.
    /// </summary>
    public RolloutState Recover(RolloutState state, ConfigFiles files)
    {
        if (state.Pending is not { } pending)
            return state;
        if (folder.ReadAudit().Any(known => known.Id == pending.Id))
            return Forget(state);
        if (!pending.ChangesFile)
            return Finish(state, pending).State;
        var value = files.Rollout is { } rollout ? RolloutValue.Read(rollout, pending.Subject, pending.IsOfFlag) : null;
        if (value == pending.To)
            return Finish(state, pending).State;
        if (value != pending.From || files.Rollout is null)
            return Forget(state); // A person has said something else meanwhile; it is noticed as what it is.
        if (IsUpward(pending))
            return Forget(pending.IsOfFlag ? state : Return(state, pending));
        folder.ReplaceRollout(Edit(files.Rollout, pending), files.Rollout);
        return Finish(state, pending).State;
    }

    private (RolloutState State, RolloutEvent Event) Finish(RolloutState state, RolloutEvent transition)
    {
        var done = transition with { RevisionAfter = folder.Config.Read().Revision };
        folder.Append(done);
        return (Forget(state), done);
    }

    private RolloutState Forget(RolloutState state)
    {
        var settled = state with { Pending = null };
        folder.WriteState(settled);
        return settled;
    }

    /// <summary>A ramp whose start was cut off has not begun; any other goes on where it stood.</summary>
    private static RolloutState Return(RolloutState state, RolloutEvent pending)
    {
        var ramp = state[pending.Subject].AtStep(double.Parse(pending.From, CultureInfo.InvariantCulture), pending.At);
        return state.With(pending.Subject, pending.Action != "start" ? ramp : ramp with
        {
            Phase = RampPhase.Idle, Why = "its start was cut off before anybody was moved",
        });
    }

    private static bool IsUpward(RolloutEvent e) => e.IsOfFlag
        ? e.To == "true"
        : double.Parse(e.To, CultureInfo.InvariantCulture) > double.Parse(e.From, CultureInfo.InvariantCulture);

    /// <exception cref="RolloutRefusedException">The file cannot be edited as it stands.</exception>
    public static byte[] Edit(byte[] rollout, RolloutEvent e)
    {
        try
        {
            return e.IsOfFlag
                ? RolloutEdit.SetEnabled(rollout, e.Subject, e.To == "true")
                : RolloutEdit.SetPercentage(rollout, e.Subject, double.Parse(e.To, CultureInfo.InvariantCulture));
        }
        catch (RolloutEditException error)
        {
            throw new RolloutRefusedException(RolloutRefusal.Unreadable, error.Message);
        }
    }
}
