using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using ServiceDefaults.Correlation;
using ServiceDefaults.Tracing;

namespace ServiceDefaults.Completion;

/// <summary>
/// Gives the request its id and the log fields that every line of it carries, the completion line included. Completes the request's span
/// here and not with the line, because the good answer to a probe has no line.
/// </summary>
internal sealed class RequestFieldsMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var fields = new RequestFields { RequestId = AcceptOrCreateId(context.Request.Headers[RequestId.Header]) };
        context.Features.Set(fields);
        context.Response.Headers[RequestId.Header] = fields.RequestId;

        using var scope = fields.Use();
        try
        {
            await next(context);
        }
        finally
        {
            RequestSpan.Complete(context, fields, CompletionLine.DecideStatus(context, fields));
        }
    }

    private static string AcceptOrCreateId(StringValues inbound) =>
        inbound.Count == 1 && RequestId.TryParse(inbound[0], out var id) ? id.Value : RequestId.New().Value;
}
