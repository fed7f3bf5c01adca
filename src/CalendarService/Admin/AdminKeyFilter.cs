using CalendarService.Requests;
using ServiceDefaults.Endpoints;

namespace CalendarService.Admin;

/// <summary>
/// In front of what only operators are told. Who came through a gateway is a user, whatever route that has: for them there is no such path.
/// </summary>
internal sealed class AdminKeyFilter(AdminOptions options) : IEndpointFilter
{
    /// <summary>What every gateway of ours puts on every request that it sends (RFC 8586).</summary>
    private const string CameThroughAGateway = "CDN-Loop";

    private readonly BearerKey? _key = options.ReadKey() is { } key ? new(key) : null;

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (request.Headers.ContainsKey(CameThroughAGateway))
            throw new RefusedException(StatusCodes.Status404NotFound, "not-found", "There is no such path.");
        if (_key is null)
            throw new RefusedException(StatusCodes.Status403Forbidden, "admin-off", "This service was started without Admin:Key.");
        if (!_key.IsShownBy(request))
        {
            throw new RefusedException(StatusCodes.Status401Unauthorized, "admin-key", "Authorization: Bearer with Admin:Key is needed.")
            {
                Headers = [("WWW-Authenticate", "Bearer")],
            };
        }

        return next(context);
    }
}
