using System.Diagnostics.Metrics;
using Gateway.Exchanges;
using Gateway.Snapshots;
using Gateway.Telemetry;
using Polly.CircuitBreaker;
using Yarp.ReverseProxy;

namespace Gateway.Upstream;

/// <summary>What is true now of backends: read at each scrape.</summary>
internal sealed class BackendGauges(
    IMeterFactory meters, ConfigStore store, Backends backends, Circuits circuits, IProxyStateLookup clusters)
{
    public void Register()
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        meter.CreateObservableGauge("gateway_backend_up", Up, null, "1 while the backend has a destination that the probes believe in.");
        meter.CreateObservableGauge("gateway_circuit_state", States, null, "0 closed, 1 half-open, 2 open.");
    }

    private IEnumerable<Measurement<long>> Up()
    {
        foreach (var cluster in store.Current.Gateway.Clusters)
        {
            var up = clusters.TryGetCluster(cluster.ClusterId, out _)
                && backends.GetAvailability(new Backend(cluster.ClusterId)) != Availability.Unhealthy;
            yield return new(up ? 1 : 0, new KeyValuePair<string, object?>("backend", cluster.ClusterId));
        }
    }

    private IEnumerable<Measurement<long>> States()
    {
        foreach (var cluster in store.Current.Gateway.Clusters)
        {
            var state = circuits.GetCircuit(cluster.ClusterId).State switch
            {
                CircuitState.Closed => 0,
                CircuitState.HalfOpen => 1,
                _ => 2,
            };
            yield return new(state, new KeyValuePair<string, object?>("backend", cluster.ClusterId));
        }
    }
}
