using System.Security.Cryptography;
using System.Text;
using CalendarService.Requests;

namespace CalendarService.Admin;

/// <summary>
/// In front of what only operators are told. Who came through a gateway is a user, whatever route that has: for them there is no such path.
/// </summary>
internal sealed class AdminKeyFilter(AdminOptions options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    /// <summary>What every gateway of ours puts on every request that it sends (RFC 8586).</summary>
    private const string CameThroughAGateway = "CDN-Loop";

    private readonly byte[]? _hash = options.ReadKey() is { } key ? SHA256.HashData(key) : null;

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Request.Headers;
        if (headers.ContainsKey(CameThroughAGateway))
            throw new RefusedException(StatusCodes.Status404NotFound, "not-found", "There is no such path.");
        if (_hash is null)
            throw new RefusedException(StatusCodes.Status403Forbidden, "admin-off", "This service was started without Admin:Key.");
        // Both as hashes: the time that it takes says neither how much of a key is right nor how long it is.
        if (headers.Authorization is not [{ } value] || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(value[Scheme.Length..].Trim())), _hash))
        {
            throw new RefusedException(StatusCodes.Status401Unauthorized, "admin-key", "Authorization: Bearer with Admin:Key is needed.")
            {
                Headers = [("WWW-Authenticate", "Bearer")],
            };
        }

        return next(context);
    }
}
