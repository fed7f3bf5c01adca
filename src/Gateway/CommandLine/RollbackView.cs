using System.Text.Json;
using Gateway.Decisions;
using Gateway.Exchanges;
using Gateway.Snapshots;

namespace Gateway.CommandLine;

/// <summary>What the service answers.</summary>
internal sealed record RollbackDocument(
    DateTimeOffset At, DateTimeOffset? Since, long Users, RollbackRows Rows, DateTimeOffset ActiveSince, long ActiveUsers,
    IReadOnlyList<RollbackUser> Active)
{
    // A report of another version that lacks a number is said to be one: it would be read as nought.
    public static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    };
}

internal sealed record RollbackUser(string UserId, DateTimeOffset LastActiveAt, RollbackRows Rows);

internal sealed record RollbackRows(long Calendars, long Entries, long ManualEdits, long Runs, long Intents)
{
    public static readonly RollbackRows None = new(0, 0, 0, 0, 0);

    public static RollbackRows operator +(RollbackRows one, RollbackRows other) => new(
        one.Calendars + other.Calendars, one.Entries + other.Entries, one.ManualEdits + other.ManualEdits, one.Runs + other.Runs,
        one.Intents + other.Intents);
}

/// <summary>The service's report, and what the config folder says of the users in it.</summary>
/// <param name="Folder">Null where none is at hand; so are the next three and each user's flags.</param>
/// <param name="MovedBack">Those of <paramref name="Active"/> whom a flag lets in, and what they have.</param>
/// <param name="HasGroups">A cohort lets groups in, whose users are not known here.</param>
internal sealed record RollbackView(
    string Service, DateTimeOffset At, DateTimeOffset? Since, long Users, RollbackRows Rows, DateTimeOffset ActiveSince, long ActiveUsers,
    IReadOnlyList<RollbackViewUser> Active, string? Folder, string? Revision, RollbackMove? MovedBack, bool? HasGroups)
{
    public static RollbackView Create(RollbackDocument report, string service, string? folder, GatewaySnapshot? snapshot)
    {
        RollbackViewUser[] active = [.. report.Active.Select(user => new RollbackViewUser(
            user.UserId, user.LastActiveAt, user.Rows, snapshot is null ? null : FindFlags(snapshot, user.UserId)))];
        RollbackViewUser[] insiders = [.. active.Where(user => user.Flags is { Count: > 0 })];
        var moved = new RollbackMove(insiders.Length, insiders.Aggregate(RollbackRows.None, static (sum, user) => sum + user.Rows));
        return new(
            service, report.At, report.Since, report.Users, report.Rows, report.ActiveSince, report.ActiveUsers, active, folder,
            snapshot?.Revision, snapshot is null ? null : moved,
            snapshot?.Rollout.Cohorts.Values.Any(cohort => cohort.Groups.Count > 0));
    }

    /// <summary>Those that let this user in now, in no group.</summary>
    private static IReadOnlyList<string> FindFlags(GatewaySnapshot snapshot, string user) =>
        [.. snapshot.Gateway.Policies.Values.Where(policy => policy.Flag is not null)
            .DistinctBy(policy => policy.Flag, StringComparer.Ordinal)
            .Where(policy => Router.EvaluateGate(snapshot, policy, new Caller(user, [])) == RouteReason.InCohort)
            .Select(policy => policy.Flag!).Order(StringComparer.Ordinal)];
}

/// <param name="Flags">Those that let the user in; null where no folder is at hand.</param>
internal sealed record RollbackViewUser(string UserId, DateTimeOffset LastActiveAt, RollbackRows Rows, IReadOnlyList<string>? Flags);

internal sealed record RollbackMove(int Users, RollbackRows Rows);
