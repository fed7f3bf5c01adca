using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using ServiceDefaults.Correlation;
using ServiceDefaults.Tracing;

namespace ServiceDefaults.Completion;

/// <summary>
/// The frame of a request: gives it its id and the log fields that every line of it carries, answers what escapes, and ends it in its one
/// completion line and its span. The span is not the line's part, because the good answer to a probe has no line.
/// </summary>
internal sealed class CompletionMiddleware(RequestDelegate next, CompletionLog log, EscapedExceptions escaped)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var fields = new RequestFields
        {
            RequestId = AcceptOrCreateId(context.Request.Headers[RequestId.Header]),
            Trace = Activity.Current is null ? ContinueOrBeginTrace(context.Request.Headers.TraceParent) : null,
        };
        context.Features.Set(fields);
        context.Response.Headers[RequestId.Header] = fields.RequestId;

        fields.Begin();
        Exception? error = null;
        try
        {
            await next(context);
        }
        catch (Exception thrown)
        {
            error = thrown;
        }

        try
        {
            fields.Ending?.Invoke(context, error);
            if (error is not null)
                await escaped.AnswerAsync(context, error);
        }
        finally
        {
            var status = CompletionLine.DecideStatus(context, fields);
            log.Write(context, fields, status, Stopwatch.GetElapsedTime(started));
            RequestSpan.Complete(context, fields, status);
        }
    }

    private static string AcceptOrCreateId(StringValues inbound) =>
        inbound.Count == 1 && RequestId.TryParse(inbound[0], out var id) ? id.Value : RequestId.New().Value;

    private static RequestTrace ContinueOrBeginTrace(StringValues inbound) =>
        inbound.Count == 1 && TraceContext.ReadParent(inbound[0]) is { } parent ? RequestTrace.Continue(parent) : RequestTrace.New();
}
