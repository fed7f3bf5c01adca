using System.Net;
using Gateway.Exchanges;
using Gateway.Shutdown;
using Gateway.Telemetry;
using Microsoft.Extensions.Options;
using ServiceDefaults.Correlation;
using ServiceDefaults.Options;

namespace Gateway.Streams;

/// <summary><c>Streams</c>: the guard on event streams.</summary>
internal sealed class StreamOptions
{
    /// <summary>No byte for this long, keep-alive comments included, means that the upstream is gone.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromSeconds(45);

    public static void Check(StreamOptions o, OptionFaults faults) =>
        faults.Within("IdleLimit", o.IdleLimit, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
}

/// <summary>Puts every <c>text/event-stream</c> answer under guard.</summary>
internal sealed class StreamGuardHandler(
    HttpMessageHandler inner, IOptionsMonitor<StreamOptions> options, GatewayMetrics metrics, Drain drain, TimeProvider clock)
        : DelegatingHandler(inner)
{
    /// <summary>YARP's default; see ForwarderRequestConfig.</summary>
    private static readonly TimeSpan ForwardersPatience = TimeSpan.FromSeconds(100);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var response = await base.SendAsync(request, cancellationToken);
        if (!IsOpenStream(request, response) || !request.Options.TryGetValue(Exchange.ContextKey, out var context))
            return response;

        var exchange = context.GetExchange();
        exchange.Stream = new StreamProgress();
        var monitor = new StreamMonitor(exchange.Stream, clock);
        metrics.StreamOpened(exchange.RouteId, exchange.ServedBy);
        var terminal = new StreamTerminal(
            context.Features.GetRequiredFeature<RequestFields>().RequestId,
            Header(response, "X-Calendar-Id"), Header(response, "X-Run-Id"), started, clock);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var guarded = new StreamContent(new GuardedStream(
            stream, monitor, terminal, IdleLimit(context), clock, context.Response.Body.FlushAsync, drain.StreamsEnd));
        foreach (var (name, values) in response.Content.Headers.NonValidated)
            guarded.Headers.TryAddWithoutValidation(name, values);
        response.Content = guarded;
        return response;
    }

    /// <summary>
    /// Well before the forwarder's own patience ends (<c>HttpRequest:ActivityTimeout</c> of the cluster): it would cut the client off
    /// without a terminal frame.
    /// </summary>
    private TimeSpan IdleLimit(HttpContext context)
    {
        var activity = context.GetReverseProxyFeature().Cluster.Config.HttpRequest?.ActivityTimeout ?? ForwardersPatience;
        var limit = options.CurrentValue.IdleLimit;
        return limit < activity / 2 ? limit : activity / 2;
    }

    /// <summary>
    /// A declared length leaves no room for a frame of ours, and an encoded stream cannot be read: those two pass as they are.
    /// </summary>
    private static bool IsOpenStream(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.OK
        && request.Method != HttpMethod.Head
        && "text/event-stream".Equals(response.Content.Headers.ContentType?.MediaType, StringComparison.OrdinalIgnoreCase)
        && response.Content.Headers.ContentLength is null
        && response.Content.Headers.ContentEncoding.Count == 0;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
