using Prometheus;
using ServiceDefaults.Metrics;

namespace Gateway.Overload;

/// <summary>How full the gateway is: of the routes and of the backends the fullest one, read at each scrape.</summary>
internal sealed class PermitGauges(CollectorRegistry registry, IMetricFactory metrics, Admission admission)
{
    public void Register()
    {
        var used = metrics.CreateGauge(
            "gateway_permits_in_use", "Permits held now; of routes and of backends, those of the fullest one.", ["scope"]);
        var limit = metrics.CreateGauge("gateway_permits_limit", "Permits that there are; of routes and backends, for each.", ["scope"]);
        registry.AddBeforeCollectCallback(() =>
        {
            var use = admission.ReadUse();
            used.SetAll(use.Select(u => (u.Scope, (double)u.InUse)));
            limit.SetAll(use.Select(u => (u.Scope, (double)u.Limit)));
        });
    }
}
