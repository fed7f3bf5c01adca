namespace Gateway.Rollout.Ramps;

/// <summary>An entry of <c>Ramps</c>: how a cohort's percentage rises, and on what evidence.</summary>
/// <param name="Cohort">Whose percentage it is.</param>
/// <param name="Steps">Percentages, rising; at least one.</param>
/// <param name="Bake">How long a step is watched at least.</param>
/// <param name="Gates">By name; at least one of them decides.</param>
/// <param name="Windows">When a step up may be taken; null for at any time.</param>
/// <param name="Notify">Who is told. These addresses may hold secrets: <see cref="RampReceivers.Show"/> them.</param>
internal sealed record RampPlan(
    string Cohort,
    IReadOnlyList<double> Steps,
    TimeSpan Bake,
    IReadOnlyList<RampGate> Gates,
    OnRegression OnRegression,
    RollbackTo RollbackTo,
    OnInconclusive OnInconclusive,
    RampWindows? Windows,
    IReadOnlyList<Uri> Notify);

/// <summary>One comparison that has to come out well.</summary>
/// <param name="Limit">The rate that the canary is held to, alone; null for a gate against control.</param>
/// <param name="Margin">By how much the canary may be worse than control; null for a gate against a limit.</param>
/// <param name="SlowerThan">What counts as a failure of <see cref="Measure.SlowerThan"/>; null for every other measure.</param>
/// <param name="Decides">False: measured and shown, and nothing follows.</param>
internal sealed record RampGate(string Name, Measure Measure, double? Limit, double? Margin, TimeSpan? SlowerThan, bool Decides);

/// <summary>What a gate counts as a failure.</summary>
internal enum Measure
{
    ServerError,
    StreamFailed,
    PublishFailed,
    ExportFailed,
    SlowerThan,
}

/// <summary>What follows when the canary is worse.</summary>
internal enum OnRegression
{
    Rollback,
    Pause,
}

/// <summary>Where a rollback leads.</summary>
internal enum RollbackTo
{
    /// <summary>Nobody is left in by the percentage.</summary>
    Zero,

    /// <summary>The highest step that was proved safe; nobody when none was.</summary>
    Proved,
}

/// <summary>What follows when neither harm nor safety was proved in time.</summary>
internal enum OnInconclusive
{
    Pause,
    Continue,
}
