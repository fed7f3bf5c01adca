using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Fallback;

/// <summary>A port where a connection attempt neither succeeds nor fails: its queue of unaccepted connections is full.</summary>
internal sealed class FullBacklog : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public FullBacklog()
    {
        var listener = New();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var end = (IPEndPoint)listener.LocalEndPoint!;
        OwnPorts.Claim(end.Port);
        Address = new($"http://127.0.0.1:{end.Port}/");
        for (var i = 0; i < 8; i++)
        {
            var filler = New();
            filler.Blocking = false;
            try
            {
                filler.Connect(end);
            }
            catch (SocketException inProgress) when (inProgress.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // It stays in the queue, or waits for a place in it.
            }
        }
    }

    public Uri Address { get; }

    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    private Socket New()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        return socket;
    }
}
