using System.Text;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Options;

namespace Gateway.Wire;

internal static class WireExtensions
{
    public static IServiceCollection AddWire(this IServiceCollection services) => services
        .AddChecked<LimitOptions>("Limits", LimitOptions.Check)
        .AddHostedService<BareRefusals>();

    /// <summary>First of all readers of a public request.</summary>
    public static IApplicationBuilder UseWireChecks(this IApplicationBuilder app) => app.UseMiddleware<WireMiddleware>();

    /// <summary>
    /// One character a byte, so that a value leaves as the bytes it came as: with Kestrel's default, one byte beyond ASCII in any
    /// header fails the request. Not for Content-Length (null asks for the default): Kestrel parses it more strictly when it need
    /// not decode it first.
    /// </summary>
    public static Encoding? HeaderEncoding(string name) =>
        name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase) ? null : Encoding.Latin1;
}
