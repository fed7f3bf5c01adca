using System.Net;
using System.Net.Sockets;

namespace Drill;

internal static class FreePorts
{
    private static readonly HashSet<int> Given = [];

    /// <summary>Below the range of port 0: while a program is down, nobody may be given its port.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                lock (Given)
                {
                    if (Given.Add(port))
                        return port;
                }
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
    }
}
