using CalendarService.Identity;
using ServiceDefaults.Correlation;

namespace CalendarService.Telemetry;

/// <summary>Gives the log lines their user, and the completion line its route, which is the endpoint's name, and its backend.</summary>
internal sealed class RequestLabelsMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<RequestFields>() is { } fields)
        {
            fields.Backend = "calendar";
            fields.UserId = UserId.Read(context); // Also of a request that no endpoint takes.
            fields.Route = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "none";
        }

        return next(context);
    }
}
