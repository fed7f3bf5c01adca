using Gateway.Exchanges;
using Gateway.Rollout;
using Gateway.Snapshots;
using Gateway.Upstream;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Gateway.Admin;

/// <summary>The whole gateway at a glance.</summary>
internal sealed record Status(
    StatusConfiguration Configuration,
    IReadOnlyList<StatusFlag> Flags,
    IReadOnlyDictionary<string, StatusCohort> Cohorts,
    IReadOnlyList<StatusBackend> Backends,
    IReadOnlyList<ExplainedRoute> Routes);

internal sealed record StatusConfiguration(
    string Folder, string Revision, DateTimeOffset LoadedAt, string Environment, IReadOnlyList<string> Warnings, StatusReload LastReload);

/// <param name="Problems">Why the files on disk are not in force; empty when they are.</param>
internal sealed record StatusReload(bool Successful, DateTimeOffset At, string Revision, IReadOnlyList<string> Problems);

internal sealed record StatusFlag(
    string Name, bool On, string DecidedBy, string? Environment, bool? File, double Percentage, IReadOnlyList<string> Filters);

internal sealed record StatusCohort(
    double DefaultRolloutPercentage, IReadOnlyCollection<string> Users, IReadOnlyDictionary<string, double> Groups,
    IReadOnlyCollection<string> ExcludedUsers, IReadOnlyCollection<string> ExcludedGroups, IReadOnlyCollection<string> Environments);

/// <param name="Availability">The worst that any route of the configuration sees.</param>
/// <param name="Circuit">The worst of its circuits.</param>
/// <param name="Probed">Each destination has been judged by its probes, if it has any; until then it counts as available.</param>
/// <param name="Ramp">The share of its users that a backend which came back is given, on the route where it is least.</param>
internal sealed record StatusBackend(
    string Id, string Availability, string Circuit, bool Probed, double Ramp, IReadOnlyList<StatusDestination> Destinations);

internal sealed record StatusDestination(string Id, string? Address, string Active, string Passive, string Circuit);

internal sealed class StatusReport(
    ConfigFolder folder, ConfigStore store, Backends backends, Circuits circuits, IProxyStateLookup clusters)
{
    public Status Read()
    {
        var snapshot = store.Current;
        var reload = store.LastReload;
        return new(
            new(folder.Path, snapshot.Revision, snapshot.LoadedAt, snapshot.Rollout.EnvironmentName,
                [.. snapshot.Warnings.Select(w => w.ToString())],
                new(reload.Successful, reload.At, reload.Revision, [.. reload.Findings.Select(f => f.ToString())])),
            [.. snapshot.Flags.Values.OrderBy(f => f.Name, StringComparer.Ordinal).Select(Read)],
            snapshot.Rollout.Cohorts.ToDictionary(c => c.Key, c => Read(c.Value), StringComparer.Ordinal),
            [.. snapshot.Gateway.Clusters.Select(c => Read(c.ClusterId, snapshot))],
            [.. snapshot.Gateway.Policies.Values.Select(ExplainedRoute.From)]);
    }

    private static StatusFlag Read(Flag flag) => new(
        flag.Name, flag.Switch.On, flag.Switch.DecidedBy, flag.Switch.EnvironmentValue, flag.Switch.FileEnabled, flag.Percentage,
        [.. flag.Filters.Select(f => f.Cohort is null ? f.Name : $"{f.Name}({f.Cohort.Name})")]);

    private static StatusCohort Read(Cohort cohort) => new(
        cohort.DefaultPercentage, cohort.Users, cohort.Groups, cohort.ExcludedUsers, cohort.ExcludedGroups, cohort.Environments);

    private StatusBackend Read(string clusterId, GatewaySnapshot snapshot)
    {
        var backend = new Backend(clusterId);
        string[] routes = [.. snapshot.Gateway.Policies.Values.Where(p => p.Chain.Contains(backend)).Select(p => p.RouteId)];
        var availability = routes.Append<string?>(null).Select(route => backends.GetAvailability(backend, route)).Max();
        IReadOnlyList<DestinationState> destinations =
            clusters.TryGetCluster(clusterId, out var cluster) ? cluster.DestinationsState.AllDestinations : [];
        var probed = cluster?.Model.Config.HealthCheck?.Active?.Enabled is not true
            || destinations.All(d => d.Health.Active != DestinationHealth.Unknown);
        var ramp = backends.GetRamp(backend, routes);
        return new(clusterId, availability.ToText(), StateOf(destinations), probed, ramp, [.. destinations.Select(d => new
            StatusDestination(d.DestinationId, d.Model.Config.Address, d.Health.Active.ToString().ToLowerInvariant(),
            d.Health.Passive.ToString().ToLowerInvariant(), StateOf([d])))]);

        string StateOf(IReadOnlyList<DestinationState> some) => circuits.WorstState(clusterId, some).ToString().ToLowerInvariant();
    }
}
