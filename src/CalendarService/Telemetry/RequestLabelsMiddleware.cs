using ServiceDefaults.Logging;

namespace CalendarService.Telemetry;

/// <summary>Gives the completion line its route, which is the endpoint's name, and its backend.</summary>
internal sealed class RequestLabelsMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<RequestFields>() is { } fields)
        {
            fields.Backend = "calendar";
            fields.Route = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
        }

        return next(context);
    }
}
