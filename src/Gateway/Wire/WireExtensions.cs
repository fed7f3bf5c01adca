using System.Text;
using Gateway.Identity;
using Microsoft.Net.Http.Headers;

namespace Gateway.Wire;

internal static class WireExtensions
{
    /// <summary>First of all readers of a public request.</summary>
    public static IApplicationBuilder UseWireChecks(this IApplicationBuilder app) => app.UseMiddleware<WireMiddleware>();

    /// <summary>Once the route is known, before anybody acts on it.</summary>
    public static IApplicationBuilder UseSameRouteForEveryReading(this IApplicationBuilder proxy) => proxy.UseMiddleware<SameRouteMiddleware>();

    /// <summary>
    /// One character a byte, so that a value leaves as the bytes it came as, whatever charset legacy writes. Who the user is
    /// must be the same text as in the rollout file, so those two are UTF-8, Kestrel's default, which null asks for. So is
    /// Content-Length: Kestrel parses it more strictly when it need not decode it first.
    /// </summary>
    public static Encoding? HeaderEncoding(string name) =>
        name.Equals(IdentityMiddleware.UserHeader, StringComparison.OrdinalIgnoreCase)
        || name.Equals(IdentityMiddleware.GroupsHeader, StringComparison.OrdinalIgnoreCase)
        || name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase)
            ? null
            : Encoding.Latin1;
}
