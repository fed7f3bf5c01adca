using Gateway.Configuration;
using Gateway.DryRun;
using Gateway.Overload;
using Gateway.Routing;
using Gateway.Telemetry;
using Microsoft.Extensions.Options;
using ServiceDefaults.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;

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
///              ├─ failed, may replay ─► next link
///              └─ failed, must not ───► 502/504: the outcome is unknown
/// </code>
/// </summary>
internal sealed partial class FallbackMiddleware(
    RequestDelegate next, ConfigStore store, Router router, IProxyStateLookup clusters, DryRunResponder dryRun,
    GatewayMetrics metrics, ReplayBudget budget, Admission admission, IOptions<FallbackOptions> options,
    ILogger<FallbackMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var route = context.GetReverseProxyFeature().Route;
        var policy = store.Current.PolicyOf(route.Config.RouteId);
        if (policy is null)
        {
            await Refusal.NotFoundAsync(context); // The route left the configuration since it matched.
            return;
        }

        var exchange = Exchange.Of(context);
        exchange.Route = policy;
        CalendarPath.Read(context);

        budget.CountRequest();
        var decision = router.Decide(policy, exchange.Caller);
        if (decision is { HasBackend: true } && decision.Index != decision.Start)
        {
            exchange.ProxyStatus = ProxyStatus.DestinationUnavailable;
            metrics.FellBack(policy.RouteId, policy.Chain[decision.Start].Id, decision.Backend.Id, decision.Reason);
        }

        using var permit = await admission.EnterRouteAsync(policy.RouteId, context.RequestAborted);
        if (!permit.IsAcquired)
        {
            await Refusal.OverloadedAsync(context, exchange);
            return;
        }

        using var body = KeepBody(context, decision);
        await WalkAsync(context, exchange, decision, body);
    }

    private async Task WalkAsync(HttpContext context, Exchange exchange, Decision decision, ReplayBody? body)
    {
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
            var attempt = new Attempt(context, tried, why => router.After(tried, exchange.Caller, why), () => body?.CanReplay ?? true, budget);
            var result = await TryAsync(context, attempt, tried.Backend.Id);
            if (result is AttemptResult.Answered or AttemptResult.ClientLeft)
                return;

            exchange.ProxyStatus = attempt.ProxyStatusOf(result);
            exchange.Stream = null;
            decision = router.After(tried, exchange.Caller, Reason(result));
            if (!MayGoOn(context, tried, result, body)
                || (result == AttemptResult.Failed && (!decision.HasBackend || !budget.TrySpend())))
            {
                await Refusal.AfterSendingAsync(context, exchange, result);
                return;
            }

            if (decision.HasBackend)
                metrics.FellBack(tried.Route.RouteId, tried.Backend.Id, decision.Backend.Id, decision.Reason);
            StartAgain(context, body);
        }

        exchange.Reason = decision.Reason;
        await Refusal.NobodyAvailableAsync(context, exchange);
    }

    private async Task<AttemptResult> TryAsync(HttpContext context, Attempt attempt, string clusterId)
    {
        if (!clusters.TryGetCluster(clusterId, out var cluster))
            return AttemptResult.NotSent;
        using var permit = await admission.EnterBackendAsync(clusterId, context.RequestAborted);
        if (!permit.IsAcquired)
            return AttemptResult.Overloaded;
        context.Features.Set(attempt);
        context.Features.Set<IForwarderErrorFeature>(null);
        // The overload with the route, or passive health and telemetry go to the first cluster (yarp#1750).
        context.ReassignProxyRequest(context.GetReverseProxyFeature().Route, cluster);
        await next(context);
        var result = attempt.Read();
        if (context.GetForwarderErrorFeature() is { } error && result != AttemptResult.ClientLeft)
            LogFault(error.Error, clusterId, result, error.Exception is { } cause ? LogRedaction.ApplyToForeign(cause.GetBaseException().Message) : null);
        return result;
    }

    private static bool MayGoOn(HttpContext context, Decision tried, AttemptResult result, ReplayBody? body) => result switch
    {
        _ when context.Response.HasStarted || body is { CanReplay: false } => false,
        AttemptResult.NotSent or AttemptResult.CircuitOpen or AttemptResult.Refused => true,
        AttemptResult.Failed => ReplayRules.AllowAfterSending(context.Request, tried.Route),
        _ => false,
    };

    private static RouteReason Reason(AttemptResult result) => result switch
    {
        AttemptResult.NotSent => RouteReason.NotSent,
        AttemptResult.CircuitOpen => RouteReason.CircuitOpen,
        AttemptResult.Refused => RouteReason.Refused,
        _ => RouteReason.Failed,
    };

    /// <summary>A body is kept only where a second backend could read it.</summary>
    private ReplayBody? KeepBody(HttpContext context, Decision decision)
    {
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        if (!canHaveBody || decision.Index >= decision.Route.Chain.Count - 1)
            return null;
        var body = new ReplayBody(context.Request.Body, options.Value.ReplayBufferBytes);
        context.Request.Body = body;
        return body;
    }

    private static void StartAgain(HttpContext context, ReplayBody? body)
    {
        context.Response.Clear();
        body?.Rewind();
    }

    [LoggerMessage(LogLevel.Warning, "{Fault}: {Backend} did not answer as it should, which counts as {Result}: {Cause}")]
    private partial void LogFault(ForwarderError fault, string backend, AttemptResult result, string? cause);
}
