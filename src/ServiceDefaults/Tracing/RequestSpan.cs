using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using ServiceDefaults.Correlation;
using ServiceDefaults.Endpoints;

namespace ServiceDefaults.Tracing;

/// <summary>
/// The span of a request that came in: named by its route, never by its path, and with the ends that ASP.NET Core 10 leaves off.
/// Source: OpenTelemetry's semantic conventions for HTTP spans.
/// </summary>
internal static class RequestSpan
{
    private const string Source = "Microsoft.AspNetCore";

    /// <summary>This request and what it causes are no part of any trace.</summary>
    public static void Drop(HttpContext context)
    {
        if (Of(context) is not { } span)
            return;
        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    public static void Complete(HttpContext context, RequestFields fields, int status)
    {
        if (Of(context) is not { IsAllDataRequested: true } span)
            return;
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<ProbeEndpoint>() is not null)
        {
            Drop(context);
            return;
        }

        var method = span.GetTagItem("http.request.method") is string known and not "_OTHER" ? known : "HTTP";
        if ((endpoint as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.SetTag("http.route", route);
            span.DisplayName = $"{method} {route}";
        }
        else
        {
            span.DisplayName = method;
        }

        span.SetTag("http.response.status_code", status);
        span.SetTag("request.id", fields.RequestId);
        span.SetTag("request.route", fields.Route);
        span.SetTag("request.backend", fields.Backend);
        span.SetTag("request.reason", fields.Reason);
        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Null while traces are off: the activity that carries the trace id for the logs then has no source.</summary>
    private static Activity? Of(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { Source.Name: Source } span ? span : null;
}
