using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Gateway.Exchanges;
using Gateway.Listening;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using ServiceDefaults.Completion;
using ServiceDefaults.Correlation;
using ServiceDefaults.Problems;

namespace Gateway.Wire;

/// <summary>
/// Kestrel answers what it cannot read (a broken request line, too many headers) before any middleware sees it, with a bare status.
/// Under HTTP/1.1 this puts the answer every other client gets in its place, and gives it its log line and its count. Over TLS the
/// bytes are encrypted here and the bare answer stays; HTTP/2 has no such answers, it resets the stream.
/// </summary>
internal sealed partial class BareRefusals(GatewayMetrics metrics, TimeProvider clock, ILogger<BareRefusals> logger)
{
    public void Watch(ListenOptions listener) => listener.Use(next => async connection =>
    {
        var transport = connection.Transport;
        var pipeline = new ConnectionPipeline();
        connection.Features.Set(pipeline);
        connection.Transport = new Duplex(
            transport.Input,
            new BareRefusalWriter(transport.Output, pipeline, status => AdminListener.Accepted(connection) ? null : Answer(status)));
        await next(connection);
    });

    private byte[] Answer(int status)
    {
        var fields = new RequestFields { RequestId = RequestId.New().Value };
        var exchange = new Exchange();
        Log(fields, exchange, status);
        metrics.RequestCompleted(exchange.RouteId, exchange.ServedBy, exchange.Reason, status, TimeSpan.Zero);

        var title = ReasonPhrases.GetReasonPhrase(status);
        var body = new Problem(status, Problem.CodeOf(status), title, "The request could not be read.", fields.RequestId).ToUtf8Bytes();
        var allow = status == StatusCodes.Status405MethodNotAllowed ? $"Allow: {WireRefusal.AllowedMethods}\r\n" : "";
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"""
             HTTP/1.1 {status} {title}
             Content-Length: {body.Length}
             Content-Type: {Problem.ContentType}
             Connection: close
             Date: {clock.GetUtcNow():R}
             {allow}{RequestId.Header}: {fields.RequestId}
             X-Served-By: {exchange.ServedBy}
             X-Route-Reason: {exchange.Reason.ToLabel()}
             {ProxyStatus.Header}: {ProxyStatus.RequestError}


             """).ReplaceLineEndings("\r\n");
        return [.. Encoding.Latin1.GetBytes(head), .. body];
    }

    private void Log(RequestFields fields, Exchange exchange, int status)
    {
        using var scope = fields.Use();
        using var trace = new Activity("unreadable-request").SetIdFormat(ActivityIdFormat.W3C).Start(); // For the line's traceId.
        LogRefused(
            LogLevel.Information, method: null, path: null, status.ToString(CultureInfo.InvariantCulture), status,
            exchange.RouteId, exchange.ServedBy, exchange.Reason.ToLabel(), outcome: null, durationMs: 0);
    }

    /// <summary>By hand, because no middleware runs; in the words and with the keys of every other completion line.</summary>
    [LoggerMessage(CompletionLine.Template)]
    private partial void LogRefused(
        LogLevel level, string? method, string? path, string status, int httpStatus, string route, string backend, string reason,
        string? outcome, double durationMs);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
