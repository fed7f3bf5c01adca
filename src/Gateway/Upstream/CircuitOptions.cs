using ServiceDefaults.Options;

namespace Gateway.Upstream;

/// <summary><c>Upstream:Circuit</c>: when what keeps failing is left alone for a while.</summary>
internal sealed class CircuitOptions
{
    /// <summary>Share of failures, above 0 to 1, that opens the circuit.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Requests within the sampling time below which the circuit never opens; from 2.</summary>
    public int MinimumThroughput { get; set; } = 10;

    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests that may try at the same time after the break.</summary>
    public int Trials { get; set; } = 5;

    /// <summary>How long a trial without an answer keeps others from trying.</summary>
    public TimeSpan TrialPatience { get; set; } = TimeSpan.FromSeconds(2);

    public static void Check(CircuitOptions o, OptionFaults faults)
    {
        faults.Within("FailureRatio", o.FailureRatio, 0.01, 1);
        faults.Within("MinimumThroughput", o.MinimumThroughput, 2, 1_000_000);
        faults.Within("SamplingDuration", o.SamplingDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        faults.Within("BreakDuration", o.BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        faults.Within("Trials", o.Trials, 1, 1000);
        faults.Within("TrialPatience", o.TrialPatience, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
    }
}
