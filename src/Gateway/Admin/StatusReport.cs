using System.ComponentModel.DataAnnotations;
using Gateway.Exchanges;
using Gateway.Health;
using Gateway.Rollout;
using Gateway.Snapshots;
using Gateway.Traffic;
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
    IReadOnlyList<ExplainedRoute> Routes,
    StatusTraffic LastMinute,
    IReadOnlyList<StatusEvent> Events);

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

/// <param name="SpoolDepth">Accepted publishes that wait there for the database, as the last probe heard; null when unknown.</param>
internal sealed record StatusDestination(
    string Id, string? Address, string Active, string Passive, string Circuit, long? SpoolDepth);

/// <param name="Seconds">How long the time is that the figures are of: less than a minute after a start.</param>
/// <param name="Backends">The clusters, then <c>dry-run</c> and <c>gateway</c>: who answered.</param>
internal sealed record StatusTraffic(double Seconds, BackendFigures All, IReadOnlyList<StatusFigures> Backends);

internal sealed record StatusFigures(
    string Id, long Requests, double RequestsPerSecond, long Errors, long PassedOver, double? P99Seconds, long StreamsOpen);

/// <param name="Kind"><c>start</c>, <c>reload</c> or <c>refused</c>.</param>
internal sealed record StatusEvent(
    DateTimeOffset At, [property: AllowedValues("start", "reload", "refused")] string Kind, string Revision, string Text,
    IReadOnlyList<string> Changes, IReadOnlyList<string> Problems);

internal sealed class StatusReport(
    ConfigFolder folder, ConfigStore store, ConfigEvents events, Backends backends, Circuits circuits, RiseFallHealthPolicy health,
    TrafficMinute traffic, IProxyStateLookup clusters)
{
    public Status Read()
    {
        var figures = traffic.Read();
        var snapshot = store.Current;
        var reload = store.LastReload;
        return new(
            new(folder.Path, snapshot.Revision, snapshot.LoadedAt, snapshot.Rollout.EnvironmentName,
                [.. snapshot.Warnings.Select(w => w.ToString())],
                new(reload.Successful, reload.At, reload.Revision, [.. reload.Findings.Select(f => f.ToString())])),
            [.. snapshot.Flags.Values.OrderBy(f => f.Name, StringComparer.Ordinal).Select(Read)],
            snapshot.Rollout.Cohorts.ToDictionary(c => c.Key, c => Read(c.Value), StringComparer.Ordinal),
            [.. snapshot.Gateway.Clusters.Select(c => Read(c.ClusterId, snapshot))],
            [.. snapshot.Gateway.Policies.Values.Select(ExplainedRoute.From)],
            Read(figures, snapshot.Gateway.Clusters.Select(c => c.ClusterId)),
            [.. events.NewestFirst.Select(e => new StatusEvent(
                e.At, e.Kind.ToString().ToLowerInvariant(), e.Revision, e.Text, e.Changes, e.Problems))]);
    }

    private static StatusTraffic Read(TrafficFigures figures, IEnumerable<string> clusters) => new(
        figures.Seconds, figures.All,
        [.. clusters.Append(Backend.DryRunId).Append(Backend.GatewayId).Select(id =>
        {
            var of = figures.Backends.GetValueOrDefault(id) ?? BackendFigures.None;
            return new StatusFigures(
                id, of.Requests, of.RequestsPerSecond, of.Errors, of.PassedOver, of.P99Seconds, of.StreamsOpen);
        })]);

    private static StatusFlag Read(Flag flag) => new(
        flag.Name, flag.Switch.On, flag.Switch.DecidedBy, flag.Switch.EnvironmentValue, flag.Switch.FileEnabled, flag.Percentage,
        [.. flag.Filters.Select(f => f.Cohort is null ? f.Name : $"{f.Name}({f.Cohort.Name})")]);

    private static StatusCohort Read(Cohort cohort) => new(
        cohort.DefaultPercentage, cohort.Users, cohort.Groups, cohort.ExcludedUsers, cohort.ExcludedGroups, cohort.Environments);

    private StatusBackend Read(string clusterId, GatewaySnapshot snapshot)
    {
        var backend = new Backend(clusterId);
        string[] routes = [.. snapshot.Gateway.Policies.Values.Where(p => p.Chain.Contains(backend)).Select(p => p.RouteId)];
        var availability = routes.Append<string?>(null).Select(route => backends.Look(backend, route).Availability).Max();
        IReadOnlyList<DestinationState> destinations =
            clusters.TryGetCluster(clusterId, out var cluster) ? cluster.DestinationsState.AllDestinations : [];
        var probed = cluster?.Model.Config.HealthCheck?.Active?.Enabled is not true
            || destinations.All(d => d.Health.Active != DestinationHealth.Unknown);
        var ramp = backends.GetRamp(backend, routes);
        return new(clusterId, availability.ToText(), StateOf(destinations), probed, ramp, [.. destinations.Select(d => new
            StatusDestination(d.DestinationId, d.Model.Config.Address, d.Health.Active.ToString().ToLowerInvariant(),
            d.Health.Passive.ToString().ToLowerInvariant(), StateOf([d]), health.SpoolDepth(d)))]);

        string StateOf(IReadOnlyList<DestinationState> some) => circuits.WorstState(clusterId, some).ToString().ToLowerInvariant();
    }
}
