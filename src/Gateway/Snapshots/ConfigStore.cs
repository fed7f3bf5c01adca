using Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Snapshots;

/// <summary>The snapshot in force. A reload that fails changes nothing but <see cref="LastReload"/>.</summary>
internal sealed class ConfigStore(GatewaySnapshot first)
{
    private volatile GatewaySnapshot _current = first;
    private volatile ReloadOutcome _lastReload = new(first.LoadedAt, first.Revision, []);

    public GatewaySnapshot Current => _current;

    public ReloadOutcome LastReload => _lastReload;

    /// <summary>YARP's own view of the same snapshot.</summary>
    public InMemoryConfigProvider Proxy { get; } = new(first.Gateway.Routes, first.Gateway.Clusters, first.Revision);

    public event Action<GatewaySnapshot>? Swapped;

    public void Swap(GatewaySnapshot snapshot)
    {
        // Ours first: YARP may ask for a route's policy as soon as it knows the route.
        _current = snapshot;
        _lastReload = new(snapshot.LoadedAt, snapshot.Revision, []);
        Proxy.Update(snapshot.Gateway.Routes, snapshot.Gateway.Clusters, snapshot.Revision);
        Swapped?.Invoke(snapshot);
    }

    public void Refuse(DateTimeOffset at, string revision, IReadOnlyList<ConfigFinding> findings) =>
        _lastReload = new(at, revision, findings);
}

/// <param name="Findings">Empty when the reload succeeded.</param>
internal sealed record ReloadOutcome(DateTimeOffset At, string Revision, IReadOnlyList<ConfigFinding> Findings)
{
    public bool Successful => Findings.Count == 0;
}
