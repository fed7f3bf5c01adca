using System.Net;
using System.Net.Sockets;

namespace Harness.Fixtures;

/// <summary>The loopback ports that are ours: what our stubs listen on, and what was given to programs that we start.</summary>
public static class OwnPorts
{
    private static readonly HashSet<int> Ours = [];

    // Bound for as long as this process runs, and never listening.
    private static readonly Socket Silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    static OwnPorts()
    {
        Silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Nowhere = new($"http://127.0.0.1:{((IPEndPoint)Silent.LocalEndPoint!).Port}/");
        Claim(Nowhere.Port);
    }

    /// <summary>An address where a connection is refused at once, and that nobody else can be given.</summary>
    public static Uri Nowhere { get; }

    /// <summary>A free one, below the range of port 0: while the program that gets it is down, nobody else may be given it.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (SocketException)
            {
                continue; // Taken; another one.
            }

            lock (Ours)
            {
                if (Ours.Add(port))
                    return port;
            }
        }
    }

    /// <summary>Says of a port that somebody here listens on, or did, that it is ours.</summary>
    public static void Claim(int port)
    {
        lock (Ours)
            Ours.Add(port);
    }

    public static bool Has(int port)
    {
        lock (Ours)
            return Ours.Contains(port);
    }
}
