using Gateway.Decisions;
using Gateway.Exchanges;
using Gateway.Identity;
using Gateway.Rollout;
using Gateway.Rollout.Overrides;
using Gateway.Routing;
using Gateway.Snapshots;
using Gateway.Upstream;
using Gateway.Wire;

namespace Gateway.Admin;

/// <summary>The decision about a request, with everything that led to it.</summary>
internal sealed record Explanation(
    ExplainedRequest Request,
    string Revision,
    ExplainedRoute? Route,
    ExplainedSwitch? Switch,
    ExplainedCohort? Cohort,
    IReadOnlyList<ExplainedLink> Chain,
    ExplainedDecision Decision,
    ExplainedOverride? Override = null);

/// <param name="User">As a request's header is read: null for what is no id.</param>
/// <param name="Headers">Those that were given beside user and groups, as <c>Name: value</c>.</param>
internal sealed record ExplainedRequest(
    string Method, string Path, string? User, IReadOnlyList<string> Groups, string? Host, IReadOnlyList<string> Headers);

/// <param name="FallbackOn">The status of which the next link of the chain is asked; null where none is.</param>
internal sealed record ExplainedRoute(
    string Id, string? Flag, IReadOnlyList<string> Chain, string? DryRun, string Replay, string? FallbackOn)
{
    public static ExplainedRoute From(RoutePolicy route) => new(
        route.RouteId, route.Flag, [.. route.Chain.Select(b => b.Id)],
        route.DryRun == DryRunKind.None ? null : route.DryRun.ToString().ToLowerInvariant(), route.Replay.ToString().ToLowerInvariant(),
        route.AsksOnWhenNotFound ? "404" : null);
}

/// <param name="Environment">The variable's text; null when unset.</param>
/// <param name="File">The file's <c>enabled</c>; null when the file does not name the flag.</param>
internal sealed record ExplainedSwitch(string Flag, bool On, string? Environment, bool? File, string DecidedBy);

/// <param name="Accepted">What all filters of the flag say together.</param>
/// <param name="Name">The first filter's cohort; its bucket, percentage and match stand here, all filters' in <paramref name="Filters"/>.
/// </param>
internal sealed record ExplainedCohort(
    bool Accepted, string? Name, double? Bucket, double? Percentage, string? Matched, string? Group,
    IReadOnlyList<ExplainedFilter> Filters);

internal sealed record ExplainedFilter(
    string Filter, string? Cohort, bool? Accepted, double? Bucket, double? Percentage, string? Matched, string? Group);

/// <param name="Outcome">As <c>gateway_override_requests_total</c> counts it; only <c>accepted</c> decides anything.</param>
/// <param name="On">The side that it asks for; null, as what follows, for one that is not signed with this gateway's key.</param>
/// <param name="User">Whose it is; null for anybody's.</param>
internal sealed record ExplainedOverride(string Outcome, string? Flag, bool? On, DateTimeOffset? Expires, string? User)
{
    public static ExplainedOverride From(OverrideVerdict verdict) => new(
        verdict.Outcome.ToLabel(), verdict.Token?.Flag, verdict.Token?.On,
        verdict.Token is { } token ? DateTimeOffset.FromUnixTimeSeconds(token.Expires) : null, verdict.Token?.User);
}

internal sealed record ExplainedLink(string Backend, string Availability);

/// <param name="Backend">Who would answer; <c>gateway</c> when nobody can.</param>
/// <param name="Gate">What switch and cohort said, before availability.</param>
internal sealed record ExplainedDecision(string Backend, string Reason, string Gate);

internal sealed class Explainer(ConfigStore store, Router router, Backends backends, RouteMatcher matcher, OverrideJudge overrides)
{
    /// <summary>Goes the way of a request from a trusted peer: its form, its caller, its route, the decision.</summary>
    public async Task<Explanation> ExplainAsync(Question question)
    {
        var context = question.ToContext();
        // Looked at before the caller's headers are gone, as a request's are.
        var wellFormed = RequestHead.Check(context, out var hasUnderscore) == WireFault.None && RequestHost.IsLegal(question.Host ?? "");
        var caller = IdentityMiddleware.TakeStated(context.Request.Headers, trusted: true, hasUnderscore);
        var asked = OverrideHeader.Take(context.Request.Headers);
        var request = new ExplainedRequest(
            context.Request.Method, question.Path, caller.UserId, caller.Groups, question.Host,
            [.. question.Headers.Select(Show)]);
        var routeId = wellFormed ? await matcher.MatchAsync(context, question.Path) : null;
        var snapshot = store.Current;
        if (routeId is null || snapshot.FindPolicy(routeId)?.For(context.Request) is not { } route)
            return new(request, snapshot.Revision, null, null, null, [], ByGateway(RouteReason.Refused));
        if (route.Cors is not null && Preflight.IsOne(context.Request))
            return new(request, snapshot.Revision, ExplainedRoute.From(route), null, null, [], ByGateway(RouteReason.Ungated));

        var flag = route.Flag is null ? null : snapshot.Flags.GetValueOrDefault(route.Flag);
        OverrideVerdict? verdict = asked is null ? null : overrides.Judge(asked, caller, route, flag);
        var decision = router.Decide(snapshot, route, caller, verdict?.Decides);
        return new(
            request,
            snapshot.Revision,
            ExplainedRoute.From(route),
            flag is null ? null : Explain(flag),
            flag is null ? null : Explain(flag, caller, snapshot.Rollout.EnvironmentName),
            [.. route.Chain.Select(b => new ExplainedLink(b.Id, backends.Look(b, route.RouteId).Availability.ToText()))],
            new(decision.HasBackend ? decision.Backend.Id : Backend.GatewayId, decision.Reason.ToLabel(), decision.Gate.ToLabel()),
            verdict is { } judged ? ExplainedOverride.From(judged) : null);
    }

    /// <summary>Whoever has an override has its side until it ends.</summary>
    private static string Show((string Name, string Value) header) =>
        $"{header.Name}: {(header.Name.Equals(OverrideHeader.Name, StringComparison.OrdinalIgnoreCase) ? "(hidden)" : header.Value)}";

    private static ExplainedDecision ByGateway(RouteReason reason) => new(Backend.GatewayId, reason.ToLabel(), reason.ToLabel());

    public static ExplainedSwitch Explain(Flag flag) =>
        new(flag.Name, flag.Switch.On, flag.Switch.EnvironmentValue, flag.Switch.FileEnabled, flag.Switch.DecidedBy);

    private static ExplainedCohort Explain(Flag flag, Caller caller, string environment)
    {
        var filters = flag.Filters.Select(f => Explain(f, caller, environment)).ToArray();
        var first = filters.FirstOrDefault(f => f.Cohort is not null);
        return new(
            flag.Accepts(caller), first?.Cohort, first?.Bucket, first?.Percentage, first?.Matched, first?.Group, filters);
    }

    private static ExplainedFilter Explain(FlagFilter filter, Caller caller, string environment)
    {
        if (filter.Cohort is null)
            return new(filter.Name, null, null, null, filter.DefaultPercentage, null, null);
        var verdict = filter.Cohort.Evaluate(caller, environment);
        return new(
            // Shown also where a list of names decided before it: it says what a percentage would do.
            filter.Name, filter.Cohort.Name, verdict.Accepted,
            caller.UserId is { } user ? Cohort.Bucket(filter.Cohort.Name, user) : null, verdict.Percentage, verdict.Match.ToText(),
            verdict.Group);
    }
}
