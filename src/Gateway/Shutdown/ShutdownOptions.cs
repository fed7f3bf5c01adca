using ServiceDefaults.Options;

namespace Gateway.Shutdown;

/// <summary><c>Shutdown</c>: what happens between SIGTERM and the end of the process.</summary>
internal sealed class ShutdownOptions
{
    /// <summary><c>/readyz</c> says no, and everything is still served: time for a load balancer to notice.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// From then on nothing new is accepted, and this is all the time that there is. Shortly before its end open streams get their
    /// terminal frames and WebSockets their close frames; what is still open at its end is cut. Together with
    /// <see cref="DrainDelay"/> well below the ten seconds that <c>docker stop</c> gives.
    /// </summary>
    public TimeSpan StreamGrace { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>The frames have to be sent, and the clients of ordinary requests are still waiting.</summary>
    public TimeSpan UntilStreamsEnd => StreamGrace - Min(StreamGrace / 4, TimeSpan.FromSeconds(2));

    public TimeSpan Total => DrainDelay + Max(StreamGrace, TimeSpan.FromSeconds(1));

    public static void Check(ShutdownOptions o, OptionFaults faults)
    {
        faults.Within("DrainDelay", o.DrainDelay, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        faults.Within("StreamGrace", o.StreamGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
