using Gateway.Exchanges;
using Gateway.Rollout.Arms;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Connections;
using ServiceDefaults.Correlation;

namespace Gateway.Accounting;

/// <summary>Opens the exchange of a public request, stamps its answer, and counts it once when it is over.</summary>
internal sealed class ExchangeMiddleware
{
    private readonly RequestDelegate _next;
    private readonly GatewayMetrics _metrics;
    private readonly ArmRegistry _arms;
    private readonly TimeProvider _clock;
    private readonly Action<HttpContext, Exception?> _complete;

    public ExchangeMiddleware(RequestDelegate next, GatewayMetrics metrics, ArmRegistry arms, TimeProvider clock)
    {
        (_next, _metrics, _arms, _clock) = (next, metrics, arms, clock);
        _complete = Complete;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var fields = context.Features.GetRequiredFeature<RequestFields>();
        fields.Ending = _complete;
        context.Features.Set(new Exchange(fields) { StartedAt = _clock.GetTimestamp() });
        // Registered first, so it runs last: whatever an upstream wrote under these names, ours is what leaves.
        context.Response.OnStarting(Stamp, context);
        return _next(context);
    }

    private static Task Stamp(object state)
    {
        var context = (HttpContext)state;
        var exchange = context.GetExchange();
        var headers = context.Response.Headers;
        headers[RequestId.Header] = exchange.Fields.RequestId;
        headers["X-Served-By"] = exchange.ServedBy;
        headers["X-Route-Reason"] = exchange.Reason.ToLabel();
        if (exchange.ProxyStatus is { } status)
            headers.Append(ProxyStatus.Header, status);
        else if (exchange.ServedBy == Backend.GatewayId)
            headers.Append(ProxyStatus.Header, ProxyStatus.ProxyInternalResponse);
        return Task.CompletedTask;
    }

    /// <param name="escaped">On its way out; what it becomes is written further out.</param>
    private void Complete(HttpContext context, Exception? escaped)
    {
        var exchange = context.GetExchange();
        var fields = exchange.Fields;
        fields.Route = exchange.RouteId;
        fields.Backend = exchange.ServedBy;
        fields.Reason = exchange.Reason.ToLabel();

        var clientLeft = context.RequestAborted.IsCancellationRequested;
        var status = context.Response switch
        {
            { HasStarted: true } response => response.StatusCode,
            // The body that broke may be noticed before the connection that did.
            _ when clientLeft || escaped is (ConnectionResetException or ConnectionAbortedException) => 499,
            _ when escaped is BadHttpRequestException broken => broken.StatusCode,
            _ when escaped is not null => StatusCodes.Status500InternalServerError,
            var response => response.StatusCode,
        };
        // How long a feed or a WebSocket was open says nothing about how fast anything is.
        TimeSpan? took = exchange.Stream is null && !IsUpgraded(context) ? _clock.GetElapsedTime(exchange.StartedAt) : null;
        _metrics.RequestCompleted(exchange.RouteId, exchange.ServedBy, exchange.Reason, status, took);
        StreamOutcome? streamed = null;
        PublishOutcome? published = null;
        if (exchange.Stream is { } stream)
        {
            var outcome = stream.Outcome ?? (clientLeft ? StreamOutcome.ClientAborted : StreamOutcome.Error);
            streamed = outcome;
            fields.Outcome = outcome.ToLabel();
            _metrics.StreamEnded(
                exchange.RouteId, exchange.ServedBy, outcome,
                stream.FirstEventAt is { } first ? _clock.GetElapsedTime(exchange.StartedAt, first) : null);
        }

        if (exchange.Route is { DryRun: DryRunKind.Publish } && HttpMethods.IsPost(context.Request.Method))
        {
            var outcome = PublishOutcomes.Read(context.Response.Headers[PublishOutcomes.Header], status);
            published = outcome;
            fields.Outcome = outcome.ToLabel();
            _metrics.PublishCompleted(exchange.ServedBy, exchange.Reason, outcome);
        }

        _arms.Count(exchange, new(status, took, streamed, published));
    }

    private static bool IsUpgraded(HttpContext context) =>
        context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols
        || (HttpMethods.IsConnect(context.Request.Method)
            && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true });
}
