using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Options;

namespace Gateway.Wire;

internal static class WireExtensions
{
    public static IServiceCollection AddWire(this IServiceCollection services) => services
        .AddChecked<LimitOptions>("Limits", LimitOptions.Check)
        .AddHostedService<BareRefusals>()
        .AddOptions<SocketTransportOptions>().Configure<IOptions<LimitOptions>>((sockets, limits) =>
        {
            sockets.CreateBoundListenSocket = endpoint => Listen(endpoint, limits.Value.TcpKeepAlive);
            // One wait less for each request. It costs each connection that is idle the 4 KB of a buffer.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        }).Services;

    /// <summary>Connections inherit this: a client that vanished without a word does not hold its WebSocket or feed for ever.</summary>
    private static Socket Listen(EndPoint endpoint, TimeSpan keepAlive)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (endpoint is not IPEndPoint)
            return socket;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)keepAlive.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        return socket;
    }

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
