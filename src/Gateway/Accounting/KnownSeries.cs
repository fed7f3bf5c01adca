using Gateway.Exchanges;
using Gateway.Rollout.Overrides;
using Gateway.Snapshots;
using Gateway.Telemetry;

namespace Gateway.Accounting;

/// <summary>
/// Puts every series that the configuration can produce on the page before anything happens, and again after each reload. A counter
/// stays when its route goes: one that vanishes looks like a restart.
/// </summary>
internal sealed class KnownSeries(GatewayMetrics metrics, ConfigStore store, OverrideJudge overrides)
{
    private static readonly Backend Itself = new(Backend.GatewayId);

    public void Register()
    {
        Declare(store.Current);
        store.Swapped += Declare;
    }

    private void Declare(GatewaySnapshot snapshot)
    {
        metrics.DeclareRequests(Exchange.NoRoute, Backend.GatewayId, RouteReason.Refused);
        foreach (var cluster in snapshot.Gateway.Clusters)
            metrics.DeclareUpstream(cluster.ClusterId);
        foreach (var policy in snapshot.Gateway.Policies.Values)
        {
            if (policy.Preflight is { } preflight)
                DeclareAnswers(preflight, preflight.Chain[0]);
            if (policy.Cors is not null)
                metrics.DeclareRequests(policy.RouteId, Backend.GatewayId, RouteReason.Ungated);
            foreach (var backend in policy.Chain.Append(Itself))
                DeclareAnswers(policy, backend);
            for (var from = 0; from < policy.Chain.Count; from++)
            {
                foreach (var to in policy.Chain.Skip(from + 1))
                    DeclareFallbacks(policy, policy.Chain[from], to);
            }
        }
    }

    private void DeclareAnswers(RoutePolicy policy, Backend backend)
    {
        foreach (var reason in RouteReasons.All.Where(r => CanHappen(policy, backend, r)))
        {
            metrics.DeclareRequests(policy.RouteId, backend.Id, reason);
            if (policy.DryRun == DryRunKind.Publish)
                metrics.DeclarePublishes(backend.Id, reason);
        }

        if (backend != Itself)
            metrics.DeclareStreams(policy.RouteId, backend.Id);
    }

    private void DeclareFallbacks(RoutePolicy policy, Backend from, Backend to)
    {
        foreach (var reason in RouteReasons.All.Where(r => r >= RouteReason.Unhealthy && CanMoveTo(policy, to, r)))
            metrics.DeclareFallback(policy.RouteId, from.Id, to.Id, reason);
    }

    private bool CanHappen(RoutePolicy policy, Backend backend, RouteReason reason) => reason switch
    {
        _ when !CanMoveTo(policy, backend, reason) => false,
        _ when backend == Itself => reason >= RouteReason.Unhealthy,
        RouteReason.LastResort => policy.LastResort >= 0 && backend == policy.Chain[policy.LastResort],
        RouteReason.Ungated => policy.Flag is null && backend == policy.Chain[0],
        RouteReason.InCohort => policy.Flag is not null && backend == policy.Chain[0],
        RouteReason.Override => overrides.HasKey && policy.Flag is not null && policy.Chain.Take(2).Contains(backend),
        RouteReason.FlagOff or RouteReason.OutsideCohort =>
            policy.Flag is not null && policy.Chain.Count > 1 && backend == policy.Chain[1],
        _ => backend != policy.Chain[0],
    };

    /// <summary>What another one does not have, a dry-run is never asked for.</summary>
    private static bool CanMoveTo(RoutePolicy policy, Backend backend, RouteReason reason) =>
        reason != RouteReason.NotFound || (policy.AsksOnWhenNotFound && !backend.IsDryRun);
}
