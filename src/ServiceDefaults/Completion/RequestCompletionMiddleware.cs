using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using ServiceDefaults.Correlation;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Problems;
using ServiceDefaults.Tracing;

namespace ServiceDefaults.Completion;

/// <summary>
/// Outermost in both programs: gives the request its id and its log fields, turns what escapes into
/// problem+json, and writes the one completion line.
/// </summary>
internal sealed partial class RequestCompletionMiddleware(
    RequestDelegate next, TimeProvider clock, ILogger<RequestCompletionMiddleware> logger)
{
    /// <summary>nginx's number for "the client went away before the answer".</summary>
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        var started = clock.GetTimestamp();
        var fields = new RequestFields { RequestId = Accept(context.Request.Headers[RequestId.Header]) };
        context.Features.Set(fields);
        context.Response.Headers[RequestId.Header] = fields.RequestId;

        using var scope = fields.Use();
        try
        {
            await next(context);
        }
        catch (Exception error)
        {
            await AnswerAsync(context, error);
        }
        finally
        {
            Complete(context, fields, started);
        }
    }

    private void Complete(HttpContext context, RequestFields fields, long started)
    {
        var status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
            ? ClientClosedRequest
            : context.Response.StatusCode;
        LogCompleted(
            LevelOf(context, status), context.Request.Method, context.Request.Path.Value, status.ToString(CultureInfo.InvariantCulture), status,
            fields.Route, fields.Backend, fields.Reason, fields.Outcome,
            Math.Round(clock.GetElapsedTime(started).TotalMilliseconds, 3));
        RequestSpan.Complete(context, fields, status);
    }

    private static string Accept(StringValues inbound) =>
        inbound.Count == 1 && RequestId.TryParse(inbound[0], out var id) ? id.Value : RequestId.New().Value;

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return;
        if (error is BadHttpRequestException bad && !context.Response.HasStarted)
        {
            await Problem.For(context, bad.StatusCode, detail: bad.Message).WriteAsync(context);
            return;
        }

        LogUnhandled(error);
        if (context.Response.HasStarted)
            context.Abort(); // The status is gone; a cut connection is the only honest signal left.
        else
            await Problem.For(context, StatusCodes.Status500InternalServerError).WriteAsync(context);
    }

    /// <summary>A probe that is asked every few hundred milliseconds and says yes is news to nobody.</summary>
    private static LogLevel LevelOf(HttpContext context, int status) =>
        status < StatusCodes.Status400BadRequest && context.GetEndpoint()?.Metadata.GetMetadata<ProbeEndpoint>() is not null
            ? LogLevel.Debug
            : LogLevel.Information;

    [LoggerMessage(
        "{Method} {Path} {HttpStatus} by {Backend} in {DurationMs} ms (status {Status}, route {Route}, reason {Reason}, outcome {Outcome})")]
    private partial void LogCompleted(
        LogLevel level, string method, string? path, string status, int httpStatus, string? route, string? backend, string? reason,
        string? outcome, double durationMs);

    [LoggerMessage(LogLevel.Error, "Unhandled exception")]
    private partial void LogUnhandled(Exception error);
}
