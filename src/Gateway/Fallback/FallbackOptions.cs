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
}
