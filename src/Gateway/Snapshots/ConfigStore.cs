using Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Snapshots;

/// <summary>The snapshot in force. A reload that fails changes nothing but <see cref="LastReload"/>.</summary>
internal sealed class ConfigStore(GatewaySnapshot first) : IConfigChangeListener
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private volatile GatewaySnapshot _current = first;
    private volatile ReloadOutcome _lastReload = new(first.LoadedAt, first.Revision, []);
    private TaskCompletionSource<Exception?> _applied = new();

    public GatewaySnapshot Current => _current;

    public ReloadOutcome LastReload => _lastReload;

    /// <summary>YARP's own view of the same snapshot.</summary>
    public InMemoryConfigProvider Proxy { get; } = new(first.Gateway.Routes, first.Gateway.Clusters, first.Revision);

    public event Action<GatewaySnapshot>? Swapped;

    /// <summary>
    /// Puts the snapshot in force, here and in YARP. YARP applies clusters first and routes then: when it throws in between, both go back
    /// to what they were.
    /// </summary>
    /// <exception cref="ConfigurationRefusedException">YARP could not apply it; the former snapshot is in force.</exception>
    public async Task SwapAsync(GatewaySnapshot snapshot)
    {
        var former = _current;
        if (await ApplyAsync(snapshot) is { } fault)
        {
            await ApplyAsync(former);
            throw new ConfigurationRefusedException([new(
                Routing.GatewayFile.Name, "", "{…}", $"a configuration that can be applied ({fault.GetBaseException().Message})")]);
        }

        _lastReload = new(snapshot.LoadedAt, snapshot.Revision, []);
        Swapped?.Invoke(snapshot);
    }

    public void Refuse(DateTimeOffset at, string revision, IReadOnlyList<ConfigFinding> findings) =>
        _lastReload = new(at, revision, findings);

    void IConfigChangeListener.ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => _applied.TrySetResult(null);

    void IConfigChangeListener.ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) =>
        _applied.TrySetResult(exception);

    void IConfigChangeListener.ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) =>
        _applied.TrySetResult(exception);

    void IConfigChangeListener.ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    /// <returns>What YARP threw, if it did.</returns>
    private async Task<Exception?> ApplyAsync(GatewaySnapshot snapshot)
    {
        var applied = _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // Ours first: YARP may ask for a route's policy as soon as it knows the route.
        _current = snapshot;
        Proxy.Update(snapshot.Gateway.Routes, snapshot.Gateway.Clusters, snapshot.Revision);
        try
        {
            return await applied.Task.WaitAsync(Patience);
        }
        catch (TimeoutException late)
        {
            return late;
        }
    }
}

/// <param name="Findings">Empty when the reload succeeded.</param>
internal sealed record ReloadOutcome(DateTimeOffset At, string Revision, IReadOnlyList<ConfigFinding> Findings)
{
    public bool Successful => Findings.Count == 0;
}
