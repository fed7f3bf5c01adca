using Gateway.Exchanges;
using Gateway.Rollout;
using Gateway.Snapshots;
using Gateway.Upstream;
using Yarp.ReverseProxy;

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

internal sealed record StatusBackend(string Id, string Availability, string Circuit, IReadOnlyList<StatusDestination> Destinations);

internal sealed record StatusDestination(string Id, string? Address, string Active, string Passive);

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
            [.. snapshot.Gateway.Clusters.Select(c => Read(c.ClusterId))],
            [.. snapshot.Gateway.Policies.Values.Select(ExplainedRoute.From)]);
    }

    private static StatusFlag Read(Flag flag) => new(
        flag.Name, flag.Switch.On, flag.Switch.DecidedBy, flag.Switch.EnvironmentValue, flag.Switch.FileEnabled, flag.Percentage,
        [.. flag.Filters.Select(f => f.Cohort is null ? f.Name : $"{f.Name}({f.Cohort.Name})")]);

    private static StatusCohort Read(Cohort cohort) => new(
        cohort.DefaultPercentage, cohort.Users, cohort.Groups, cohort.ExcludedUsers, cohort.ExcludedGroups, cohort.Environments);

    private StatusBackend Read(string clusterId)
    {
        IEnumerable<StatusDestination> destinations = clusters.TryGetCluster(clusterId, out var cluster)
            ? cluster.Destinations.Select(d => new StatusDestination(
                d.Key, d.Value.Model.Config.Address,
                d.Value.Health.Active.ToString().ToLowerInvariant(), d.Value.Health.Passive.ToString().ToLowerInvariant()))
            : [];
        return new(
            clusterId, backends.GetAvailability(new Backend(clusterId)).ToText(),
            circuits.GetCircuit(clusterId).State.ToString().ToLowerInvariant(), [.. destinations]);
    }
}
