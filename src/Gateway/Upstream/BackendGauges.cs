using Gateway.Exchanges;
using Gateway.Snapshots;
using Prometheus;
using ServiceDefaults.Metrics;
using Yarp.ReverseProxy;

namespace Gateway.Upstream;

/// <summary>What is true now of backends: read at each scrape.</summary>
internal sealed class BackendGauges(
    CollectorRegistry registry, IMetricFactory metrics, ConfigStore store, Backends backends, Circuits circuits, IProxyStateLookup clusters)
{
    public void Register()
    {
        var up = metrics.CreateGauge(
            "gateway_backend_up", "1 while the backend has a destination that the probes believe in.", ["backend"]);
        var states = metrics.CreateGauge(
            "gateway_circuit_state", "The worst of the backend's circuits: 0 closed, 1 half-open, 2 open.", ["backend"]);
        registry.AddBeforeCollectCallback(() =>
        {
            up.SetAll(ForEachCluster(IsUp));
            states.SetAll(ForEachCluster(State));
        });
    }

    private IEnumerable<(string Backend, double Value)> ForEachCluster(Func<string, double> read) =>
        store.Current.Gateway.Clusters.Select(cluster => (cluster.ClusterId, read(cluster.ClusterId)));

    private double IsUp(string cluster) =>
        backends.Look(new Backend(cluster), routeId: null).Availability != Availability.Unhealthy ? 1 : 0;

    private double State(string id) => clusters.TryGetCluster(id, out var cluster)
        ? (double)circuits.WorstState(cluster.ClusterId, cluster.DestinationsState.AllDestinations)
        : 0;
}
