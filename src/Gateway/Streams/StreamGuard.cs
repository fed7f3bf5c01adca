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

/// <summary>
/// Watches every <c>text/event-stream</c> answer, whatever its status, length and encoding: on a guarded route it is held to the protocol,
/// elsewhere its end is counted.
/// </summary>
internal sealed partial class StreamGuard(
    IOptionsMonitor<StreamOptions> options, GatewayMetrics metrics, Drain drain, TimeProvider clock, ILogger<StreamGuard> logger)
{
    /// <summary>YARP's default; see ForwarderRequestConfig.</summary>
    private static readonly TimeSpan ForwardersPatience = TimeSpan.FromSeconds(100);

    /// <summary>Before a request is sent: the stream that may answer it has to be readable here.</summary>
    public static void Prepare(HttpRequestMessage request, HttpRequest asked, Exchange exchange)
    {
        if (IsGuarded(exchange) && StreamDecoding.MayStream(asked))
            AskForPlainBytes(request);
    }

    /// <summary>Answers without a body are none, whatever they say of their type.</summary>
    public static bool IsEventStream(HttpRequestMessage request, HttpResponseMessage response) =>
        StreamDecoding.IsEventStream(response.Content.Headers)
        && request.Method != HttpMethod.Head
        && (int)response.StatusCode is >= 200 and not (204 or 205 or 304);

    /// <summary>A failure may yet be withheld for another backend's answer; a stream that has no room is refused there too.</summary>
    /// <param name="started">When its request was sent, by the clock's timestamp.</param>
    public Task TakeAsync(HttpContext context, HttpResponseMessage response, long started, CancellationToken cancellationToken) =>
        (int)response.StatusCode >= 400 || context.GetExchange().Try!.TryBecomeStream()
            ? WatchAsync(context, response, IsGuarded(context.GetExchange()), started, cancellationToken)
            : Task.CompletedTask;

    private static bool IsGuarded(Exchange exchange) => exchange.Route is { Streams: StreamRule.Guard };

    private static void AskForPlainBytes(HttpRequestMessage request)
    {
        request.Headers.Remove("Accept-Encoding");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
    }

    private async Task WatchAsync(
        HttpContext context, HttpResponseMessage response, bool guarded, long started, CancellationToken cancellationToken)
    {
        var exchange = context.GetExchange();
        var headers = response.Content.Headers;
        var decoder = guarded ? StreamDecoding.FindDecoder(headers) : null;
        var watch = (guarded, decoder) switch
        {
            (false, _) => StreamDecoding.IsEncoded(headers) ? StreamWatch.Unread : StreamWatch.Counted,
            (true, null) => StreamWatch.Unread,
            (true, _) => exchange.ServedBy == exchange.Route!.Chain[0].Id ? StreamWatch.Judged : StreamWatch.OnceSpoken,
        };
        if (guarded && decoder is null)
            LogUnreadable(exchange.ServedBy, string.Join(", ", headers.ContentEncoding));

        var progress = new StreamProgress();
        var terminal = new StreamTerminal(
            exchange.Fields.RequestId,
            Header(response, "X-Calendar-Id"), Header(response, "X-Run-Id"), started, clock);
        var upstream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = new StreamContent(new GuardedStream(
            decoder?.Invoke(upstream) ?? upstream, new StreamMonitor(progress, clock, watch), terminal,
            guarded ? IdleLimit(context) : Timeout.InfiniteTimeSpan, clock, cancel => OpenAsync(context, progress, cancel),
            drain.StreamsEnd));
        foreach (var (name, values) in headers.NonValidated)
        {
            // With frames of ours it may get longer, and what was decoded is so no more.
            if (decoder is null || !(name is "Content-Length" or "Content-Encoding"))
                body.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = body;
    }

    /// <summary>
    /// The forwarder begins to read when it has copied the headers, so only now this answer is the one that the client gets. The head goes
    /// out at once: the client learns that its stream is open, however late the first event.
    /// </summary>
    private Task OpenAsync(HttpContext context, StreamProgress progress, CancellationToken cancellationToken)
    {
        var exchange = context.GetExchange();
        exchange.Stream = progress;
        metrics.StreamOpened(exchange.RouteId, exchange.ServedBy);
        return context.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// Well before the forwarder's own patience ends (<c>HttpRequest:ActivityTimeout</c> of the cluster): it would cut the client off
    /// without a terminal frame.
    /// </summary>
    private TimeSpan IdleLimit(HttpContext context)
    {
        var activity = context.GetReverseProxyFeature().Cluster.Config.HttpRequest?.ActivityTimeout ?? ForwardersPatience;
        var limit = options.CurrentValue.IdleLimit;
        return activity == Timeout.InfiniteTimeSpan || limit < activity / 2 ? limit : activity / 2;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    [LoggerMessage(LogLevel.Warning,
        "{Backend} sent an event stream in {Encoding}, unasked: only silence and breaks are seen in it, not whether it ends with done")]
    private partial void LogUnreadable(string backend, string encoding);
}
