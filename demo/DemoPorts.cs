using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Demo;

/// <summary>The four ports of the demo, which the tour names; looked at before anything is touched.</summary>
internal static class DemoPorts
{
    private static readonly (int Port, string What, bool Everywhere)[] All =
    [
        (8080, "where frontends reach the gateway", true),
        (9901, "the gateway's admin listener", false),
        (8081, "the calendar service", false),
        (8082, "the sample legacy backend", false),
    ];

    /// <exception cref="DemoException">A sentence for each that somebody else has.</exception>
    public static void Check()
    {
        var taken = All.Where(port => !IsFree(port.Port, port.Everywhere)).Select(port => string.Create(
            CultureInfo.InvariantCulture,
            $"Port {port.Port}, {port.What}, is taken by {PortHolder.Find(port.Port) ?? "a program of somebody else"}.")).ToArray();
        if (taken.Length > 0)
            throw new DemoException(string.Join('\n', taken));
    }

    private static bool IsFree(int port, bool everywhere)
    {
        try
        {
            using var socket = everywhere && Socket.OSSupportsIPv6
                ? new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
                : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(
                everywhere ? socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any : IPAddress.Loopback,
                port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
