using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Gateway.Exchanges;
using Gateway.Listening;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using ServiceDefaults.Completion;
using ServiceDefaults.Correlation;
using ServiceDefaults.Problems;

namespace Gateway.Wire;

/// <summary>
/// Kestrel answers what it cannot read (a broken request line, too many headers) before any middleware sees it, with a bare status.
/// It tells so just before it writes: then the answer that every other client gets is put in the place of that head, and the refusal has
/// its log line and its count. An answer of which a middleware knows is left alone, begun or not. Over TLS the bytes are encrypted here and
/// the bare answer stays; HTTP/2 has no such answers, it resets the stream.
/// </summary>
internal sealed partial class BareRefusals(
    DiagnosticListener listener, GatewayMetrics metrics, TimeProvider clock, ILogger<BareRefusals> logger)
    : IHostedService, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    // Source: "Diagnostics in Kestrel" of the ASP.NET Core documentation.
    private const string Refused = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    public static void Watch(ListenOptions listener) => listener.Use(static next => connection =>
    {
        var transport = connection.Transport;
        var output = new RefusalWriter(transport.Output);
        connection.Features.Set(output);
        connection.Transport = new Duplex(transport.Input, output);
        return next(connection);
    });

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = listener.Subscribe(this, static name => name == Refused);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is not { Key: Refused, Value: IFeatureCollection request }
            || request.Get<Exchange>() is not null || request.Get<AdminListener>() is not null)
        {
            return;
        }

        if (!request.GetRequiredFeature<IHttpResponseFeature>().HasStarted
            && request.Get<IBadRequestExceptionFeature>()?.Error is Microsoft.AspNetCore.Http.BadHttpRequestException refusal)
        {
            Answer(request, refusal.StatusCode);
        }
    }

    public void OnError(Exception error)
    {
    }

    public void OnCompleted()
    {
    }

    public void Dispose() => _subscription?.Dispose();

    private void Answer(IFeatureCollection request, int status)
    {
        var fields = new RequestFields { RequestId = RequestId.New().Value, Trace = RequestTrace.New() };
        var exchange = new Exchange(fields);
        Log(fields, exchange, status);
        metrics.RequestCompleted(exchange.RouteId, exchange.ServedBy, exchange.Reason, status, TimeSpan.Zero);
        if (request.Get<ITlsHandshakeFeature>() is not null || request.Get<RefusalWriter>() is not { } output)
            return;
        var toHead = HttpMethods.IsHead(request.GetRequiredFeature<IHttpRequestFeature>().Method ?? "");
        output.ReplaceNextHead(Compose(exchange, fields.RequestId, status, withBody: !toHead));
    }

    private byte[] Compose(Exchange exchange, string requestId, int status, bool withBody)
    {
        var title = ReasonPhrases.GetReasonPhrase(status);
        var body = new Problem(status, Problem.CodeOf(status), title, "The request could not be read.", requestId).ToUtf8Bytes();
        var allow = status == StatusCodes.Status405MethodNotAllowed ? $"Allow: {WireRefusal.AllowedMethods}\r\n" : "";
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"""
             HTTP/1.1 {status} {title}
             Content-Length: {body.Length}
             Content-Type: {Problem.ContentType}
             Connection: close
             Date: {clock.GetUtcNow():R}
             {allow}{RequestId.Header}: {requestId}
             X-Served-By: {exchange.ServedBy}
             X-Route-Reason: {exchange.Reason.ToLabel()}
             {ProxyStatus.Header}: {ProxyStatus.RequestError}


             """).ReplaceLineEndings("\r\n");
        return [.. Encoding.Latin1.GetBytes(head), .. withBody ? body : []];
    }

    private void Log(RequestFields fields, Exchange exchange, int status)
    {
        using var scope = fields.Use();
        LogRefused(
            LogLevel.Information, method: null, path: null, status.ToString(CultureInfo.InvariantCulture), status,
            exchange.RouteId, exchange.ServedBy, exchange.Reason.ToLabel(), outcome: null, durationMs: 0);
    }

    /// <summary>By hand, because no middleware runs; in the words and with the keys of every other completion line.</summary>
    [LoggerMessage(CompletionExtensions.Template)]
    private partial void LogRefused(
        LogLevel level, string? method, string? path, string status, int httpStatus, string route, string backend, string reason,
        string? outcome, double durationMs);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
