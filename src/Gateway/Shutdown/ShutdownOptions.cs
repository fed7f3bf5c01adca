using ServiceDefaults.Options;

namespace Gateway.Shutdown;

/// <summary><c>Shutdown</c>: what happens between SIGTERM and the end of the process.</summary>
internal sealed class ShutdownOptions
{
    /// <summary><c>/readyz</c> says no, and everything is still served: time for a load balancer to notice.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>From then on nothing new is accepted, and open streams have this long before they get their terminal frame.</summary>
    public TimeSpan StreamGrace { get; set; } = TimeSpan.FromSeconds(10);

    public static void Check(ShutdownOptions o, OptionFaults faults)
    {
        faults.Within("DrainDelay", o.DrainDelay, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        faults.Within("StreamGrace", o.StreamGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
    }
}
