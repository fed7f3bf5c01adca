using Gateway.Listening;
using ServiceDefaults.Options;

namespace Gateway.Rollout;

/// <summary><c>Rollout</c>: who moves ramps, and on what evidence.</summary>
internal sealed class RolloutOptions
{
    /// <summary>This gateway moves the ramps of its folder. One at most does: a second one waits until the first is gone.</summary>
    public bool Controller { get; set; }

    /// <summary>Admin listeners whose evidence is summed, as <c>http://10.0.0.7:9901</c>; without any, this gateway's own.</summary>
    public IList<string> Gateways { get; } = [];

    /// <summary>Where state and audit are; <c>state</c> in the config folder by default.</summary>
    public string? StateDir { get; set; }

    /// <summary>Within it a user counts once. Evidence is counted, read and judged as often.</summary>
    public TimeSpan Tick { get; set; } = TimeSpan.FromSeconds(10);

    public static void Check(RolloutOptions o, OptionFaults faults)
    {
        faults.Within("Tick", o.Tick, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        for (var i = 0; i < o.Gateways.Count; i++)
            faults.Require(ListenerAddress.Parse(o.Gateways[i]) is not null, $"Gateways:{i}", o.Gateways[i], ListenerAddress.Expected);
    }
}
