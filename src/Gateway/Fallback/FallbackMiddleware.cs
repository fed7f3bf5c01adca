using Gateway.Decisions;
using Gateway.DryRun;
using Gateway.Exchanges;
using Gateway.Overload;
using Gateway.Snapshots;
using Gateway.Telemetry;
using Gateway.Upstream;
using Microsoft.Extensions.Options;
using ServiceDefaults.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Fallback;

/// <summary>
/// Walks a route's chain until a backend answers. A request's way:
/// <code>
///  client ─► id, exchange, identity ─► YARP route ─► decision: switch, cohort, availability
///                                                        │
///              ┌─────────────────────────────────────────┘
///              ▼
///        link of the chain ──dry-run──► responder ─► client
///              │ cluster
///              ▼
///        try (affinity, load balancing, forwarder, stream guard, circuit)
///              │
///              ├─ answered ──────────────────────────────► client
///              ├─ not sent, refused ──► next link
///              ├─ 404, FallbackOn ────► next link, and the 404 after all if that has nothing
///              ├─ failed, may replay ─► next link
///              └─ failed, must not ───► 502/504: the outcome is unknown
/// </code>
/// </summary>
internal sealed partial class FallbackMiddleware(
    RequestDelegate next, ConfigStore store, Router router, Backends backends, IProxyStateLookup clusters, DryRunResponder dryRun,
    GatewayMetrics metrics, ReplayBudget budget, LoopCheck loops, Admission admission, Patience patience,
    OverrideRequests overrides, IOptions<FallbackOptions> options,
    ILogger<FallbackMiddleware> logger)
{
    /// <summary>Of one backend, for one request.</summary>
    private const int MostDestinations = 3;

    public Task InvokeAsync(HttpContext context)
    {
        var route = context.GetReverseProxyFeature().Route;
        var snapshot = store.Current;
        var policy = snapshot.FindPolicy(route.Config.RouteId)?.For(context.Request);
        if (policy is null)
            return Refusal.NotFoundAsync(context); // The route left the configuration since it matched.

        var exchange = context.GetExchange();
        exchange.Route = policy;
        CalendarPath.Read(context, exchange.Fields);
        if (!loops.TryMark(context.Request))
        {
            LogLoop();
            return Refusal.LoopAsync(context, exchange);
        }

        budget.CountRequest();
        var decision = exchange.HasOverrideHeader
            ? DecideOverridden(context, exchange, snapshot, policy) : router.Decide(snapshot, policy, exchange.Caller);
        // Whom an override placed is no sample of anything.
        if (!exchange.IsOverridden)
            exchange.Assignment = Router.Assign(snapshot, policy, exchange.Caller);
        if (decision is { HasBackend: true } && decision.Index != decision.Start)
        {
            exchange.ProxyStatus = ProxyStatus.DestinationUnavailable;
            metrics.FellBack(policy.RouteId, policy.Chain[decision.Start].Id, decision.Backend.Id, decision.Reason);
        }

        return WalkAsync(context, exchange, decision);
    }

    private Decision DecideOverridden(HttpContext context, Exchange exchange, GatewaySnapshot snapshot, RoutePolicy route)
    {
        var forced = overrides.Read(context.Features.GetRequiredFeature<OverrideHeader>(), snapshot, route, exchange.Caller);
        exchange.IsOverridden = forced is not null;
        return router.Decide(snapshot, route, exchange.Caller, forced);
    }

    private async Task WalkAsync(HttpContext context, Exchange exchange, Decision decision)
    {
        using var permits = new RequestPermits(admission);
        if (!await permits.EnterRouteAsync(decision.Route.RouteId, context.RequestAborted))
        {
            await Refusal.OverloadedAsync(context, exchange);
            return;
        }

        using var body = KeepBody(context, decision);
        while (decision.HasBackend)
        {
            exchange.ServedBy = decision.Backend.Id;
            exchange.Reason = decision.Reason;
            if (decision.Backend.IsDryRun)
            {
                exchange.ProxyStatus ??= ProxyStatus.ProxyInternalResponse;
                await dryRun.AnswerAsync(context, decision.Route.DryRun);
                return;
            }

            var tried = decision;
            var cluster = clusters.TryGetCluster(tried.Backend.Id, out var found) ? found : null;
            var attempt = Begin(context, exchange, tried, cluster, body, permits);
            AttemptResult result;
            if (cluster is null)
            {
                result = AttemptResult.NotSent;
            }
            else if (!await permits.EnterBackendAsync(tried.Backend.Id, context.RequestAborted))
            {
                result = AttemptResult.Overloaded;
            }
            else
            {
                // To one destination, and to another one while nothing was sent. Not a method: it would be a frame of every request.
                var destinations = backends.GetDestinations(cluster, tried.Route.RouteId, attempt.IsLastResort);
                for (var sent = 1; ; sent++)
                {
                    Aim(context, attempt, tried, cluster, destinations);
                    await next(context);
                    result = ReadResult(attempt, cluster);
                    if (sent == MostDestinations || !MayTryAnother(attempt, result, destinations, body))
                        break;
                    exchange.ProxyStatus = attempt.DescribeFailure(result);
                    destinations = Without(attempt.Proxy.ProxiedDestination!, destinations);
                    ClearForNextTry(context, body);
                }
            }

            permits.LeaveBackend();
            var consequence = result.GetConsequence();
            if (consequence == Consequence.Done)
                return;

            exchange.ProxyStatus = attempt.DescribeFailure(result);
            exchange.Stream = null;
            decision = router.DecideAfter(tried, exchange.Caller, result.GetReason());
            if (!MayGoOn(context, tried, decision, consequence, body))
            {
                await (HeldNotFound.Find(context, tried.Route)?.GiveBackAsync(context, exchange)
                    ?? Refusal.AfterSendingAsync(context, exchange, result, permits.StreamRefused));
                return;
            }

            if (decision.HasBackend)
                metrics.FellBack(tried.Route.RouteId, tried.Backend.Id, decision.Backend.Id, decision.Reason);
            ClearForNextTry(context, body);
        }

        exchange.Reason = decision.Reason;
        await Refusal.NobodyAvailableAsync(context, exchange);
    }

    private Attempt Begin(
        HttpContext context, Exchange exchange, Decision decision, ClusterState? cluster, ReplayBody? body, RequestPermits permits)
    {
        var attempt = new Attempt(context, exchange, decision, router, body, budget, permits)
        {
            Proxy = context.GetReverseProxyFeature(),
            IsJudged = decision.Index < decision.Route.Chain.Count - 1 || cluster is { DestinationsState.AllDestinations.Count: > 1 },
            IsLastResort = decision.Reason == RouteReason.LastResort,
        };
        exchange.Try = attempt;
        return attempt;
    }

    private static bool MayTryAnother(
        Attempt attempt, AttemptResult result, IReadOnlyList<DestinationState> destinations, ReplayBody? body) =>
        result == AttemptResult.NotSent && attempt.Proxy.ProxiedDestination is not null && destinations.Count > 1
        && body is not { CanReplay: false };

    private static List<DestinationState> Without(DestinationState tried, IReadOnlyList<DestinationState> destinations) =>
        [.. destinations.Where(d => d != tried)];

    /// <summary>Tells the forwarder where the next try goes.</summary>
    private void Aim(
        HttpContext context, Attempt attempt, Decision decision, ClusterState cluster, IReadOnlyList<DestinationState> destinations)
    {
        if (attempt.Proxy.Cluster != cluster.Model || attempt.Proxy.ProxiedDestination is not null)
        {
            // Passive health looks for its cluster by the route: with the route as it is, it would go to the first one (yarp#1750).
            var route = attempt.Proxy.Route;
            context.ReassignProxyRequest(new RouteModel(route.Config, cluster, route.Transformer), cluster);
            attempt.Proxy = context.GetReverseProxyFeature();
        }

        patience.Grant(context, attempt, decision.Route, decision.Backend);
        attempt.Proxy.AvailableDestinations = destinations;
    }

    private AttemptResult ReadResult(Attempt attempt, ClusterState cluster)
    {
        var result = attempt.Read();
        if (attempt.Fault is { } error && result != AttemptResult.ClientLeft && !attempt.IsEarlyAnswer)
        {
            var cause = error.Exception is { } exception ? LogRedaction.ApplyToForeign(exception.GetBaseException().Message) : null;
            LogFault(error.Error, cluster.ClusterId, result, cause);
        }

        return result;
    }

    private bool MayGoOn(HttpContext context, Decision tried, Decision next, Consequence consequence, ReplayBody? body) =>
        !context.Response.HasStarted && body is not { CanReplay: false } && consequence switch
        {
            _ when HeldNotFound.Find(context, tried.Route) is not null && !HeldNotFound.MayAsk(next) => false,
            Consequence.NextLink => true,
            Consequence.NextLinkIfRepeatable =>
                ReplayRules.AllowAfterSending(context.Request, tried.Route) && next.HasBackend && budget.TrySpend(),
            Consequence.Refuse => false,
            Consequence.Done or _ => throw new ArgumentOutOfRangeException(nameof(consequence), consequence, null),
        };

    /// <summary>A body is kept only where a second backend could read it; one that came with the head is kept already.</summary>
    private ReplayBody? KeepBody(HttpContext context, Decision decision)
    {
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        var limit = options.Value.ReplayBufferBytes;
        if (!canHaveBody || TakeWhole(context, limit) || decision.Index >= decision.Route.Chain.Count - 1)
            return null;
        var body = new ReplayBody(context.Request.Body, limit);
        context.Request.Body = body;
        return body;
    }

    /// <summary>A route's own limit is set further in, by YARP, and only while nothing of the body has been read.</summary>
    private static bool TakeWhole(HttpContext context, int limit) =>
        context.GetReverseProxyFeature().Route.Config.MaxRequestBodySize is null && WholeBody.TryTake(context.Request, limit);

    private static void ClearForNextTry(HttpContext context, ReplayBody? body)
    {
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.Clear();
        body?.Rewind();
        if (context.Request.Body is WholeBody whole)
            whole.Position = 0;
    }

    [LoggerMessage(LogLevel.Error,
        "A request that this gateway sent came back to it: the address of a destination, or of what stands behind it, is its own")]
    private partial void LogLoop();

    [LoggerMessage(LogLevel.Warning, "{Fault}: {Backend} did not answer as it should, which counts as {Result}: {Cause}")]
    private partial void LogFault(ForwarderError fault, string backend, AttemptResult result, string? cause);
}
