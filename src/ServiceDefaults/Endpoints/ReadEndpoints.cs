using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace ServiceDefaults.Endpoints;

public static class ReadEndpoints
{
    private static readonly string[] Methods = ["GET", "HEAD"];

    /// <summary>
    /// Answers HEAD as well, as RFC 9110 section 9.1 wants of everything that can be read: load balancers probe and caches revalidate with
    /// it. The server leaves out the body that the handler writes.
    /// </summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder endpoints, string pattern, Delegate handler) =>
        endpoints.MapMethods(pattern, Methods, handler);
}
