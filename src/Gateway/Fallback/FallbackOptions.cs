using ServiceDefaults.Options;

namespace Gateway.Fallback;

/// <summary><c>Fallback</c>: what may be sent a second time.</summary>
internal sealed class FallbackOptions
{
    /// <summary>Bytes of a request's body that are kept for a second try; a longer body is sent once.</summary>
    public int ReplayBufferBytes { get; set; } = 64 * 1024;

    /// <summary>Replays of requests that were sent, as a share of all requests, 0 to 1.</summary>
    public double ReplayShare { get; set; } = 0.2;

    /// <summary>Replays a second that are allowed however few requests there are.</summary>
    public double ReplaysPerSecond { get; set; } = 3;

    public static void Check(FallbackOptions o, OptionFaults faults)
    {
        faults.Within("ReplayBufferBytes", o.ReplayBufferBytes, 0, 16 * 1024 * 1024);
        faults.Within("ReplayShare", o.ReplayShare, 0, 1);
        faults.Within("ReplaysPerSecond", o.ReplaysPerSecond, 0, 1_000_000);
    }
}
