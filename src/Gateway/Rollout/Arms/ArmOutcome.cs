using System.Runtime.InteropServices;
using Gateway.Exchanges;
using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Arms;

/// <summary>What became of a request, as far as a gate may want to know it.</summary>
/// <param name="Status">499 for a client that left.</param>
/// <param name="Took">Null for what is open as long as it likes.</param>
/// <param name="Stream">How it ended, when the answer was one.</param>
/// <param name="Publish">How it ended, when the request was one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RequestOutcome(int Status, TimeSpan? Took, StreamOutcome? Stream, PublishOutcome? Publish);

/// <summary>What a request says at a gate: nothing, or that its user has a success or a failure.</summary>
internal static class ArmOutcome
{
    /// <summary>Somebody else than the arm's own backend answered: a success of theirs hides a failure of it.</summary>
    private static bool IsRescued(Exchange exchange, Assignment assignment)
    {
        var chain = exchange.Route!.Chain;
        var own = assignment.IsCanary ? 0 : 1;
        return own >= chain.Count || exchange.ServedBy != chain[own].Id;
    }

    /// <summary>What was to be a stream and became an error, or somebody else's answer of any kind, is the failure of a stream.</summary>
    /// <returns>Null when the request is none that the gate measures.</returns>
    public static bool? IsFailure(RampGate gate, Exchange exchange, Assignment assignment, in RequestOutcome outcome)
    {
        if (!HasWork(exchange, assignment))
            return null;
        // What the new service does not have yet was asked of the old one: its answer says nothing of the new one.
        var failed = exchange.Reason != RouteReason.NotFound
            && (outcome.Status >= StatusCodes.Status500InternalServerError || IsRescued(exchange, assignment));
        return gate.Measure switch
        {
            Measure.ServerError => failed,
            Measure.StreamFailed => outcome.Stream is not null || (failed && exchange.Route!.DryRun == DryRunKind.Generate)
                ? failed || outcome.Stream is StreamOutcome.Timeout or StreamOutcome.Error or StreamOutcome.Truncated or StreamOutcome.Idle
                : null,
            Measure.PublishFailed => outcome.Publish is { } publish ? failed || publish == PublishOutcome.Failed : null,
            Measure.ExportFailed => exchange.Route!.DryRun == DryRunKind.Export ? failed : null,
            Measure.SlowerThan => outcome.Took is { } took ? took > gate.SlowerThan : null,
            _ => throw new ArgumentOutOfRangeException(nameof(gate), gate.Measure, null),
        };
    }

    /// <summary>A dry-run that answers those outside the cohort does no work that could be compared with anything.</summary>
    private static bool HasWork(Exchange exchange, Assignment assignment) =>
        assignment.IsCanary || exchange.Route!.Chain is not [_, { IsDryRun: true }, ..];
}
