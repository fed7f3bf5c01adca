using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Harness.Fixtures;

namespace Harness;

/// <summary>
/// A TCP proxy in front of a backend that breaks answers on demand, at a byte of one's choice. It understands just enough of HTTP/1.1 and
/// HTTP/2 to find an answer's head and to count requests. WireMock's faults are well-formed answers, so these are made here.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<FaultLink, Task> _links = new();
    private readonly List<Socket> _fillers = [];
    private readonly IPEndPoint _backend;
    private readonly bool _http2;
    private readonly int _port;
    private Socket _listener = null!;
    private int _connections;
    private int _requests;

    private FaultProxy(Uri backend, bool http2)
    {
        (_backend, _http2) = (new IPEndPoint(IPAddress.Loopback, backend.Port), http2);
        Listen(0, backlog: 512);
        _port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        OwnPorts.Claim(_port);
        _ = AcceptAsync(_listener);
    }

    public Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>Connections accepted so far.</summary>
    public int Connections => _connections;

    /// <summary>Requests whose head came by so far, whether or not they were answered.</summary>
    public int Requests => _requests;

    public int OpenConnections => _links.Count;

    internal Fault Fault { get; private set; } = Fault.None;

    public static FaultProxy Start(Uri backend, bool http2 = false) => new(backend, http2);

    /// <summary>Strikes answers from now on, on open connections as well.</summary>
    public void Strike(Fault fault) => Fault = fault;

    /// <summary>Ends every open connection, so that the next request has to open one, and strikes from there on.</summary>
    public async Task SwitchAsync(Fault fault)
    {
        var wasAboutConnecting = Fault.IsAboutConnecting;
        Fault = fault;
        if (fault.IsAboutConnecting || wasAboutConnecting)
            Relisten(fault.Kind);
        foreach (var link in _links.Keys)
            link.End();
        await Task.WhenAll(_links.Values).WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        Fault = Fault.None;
        _listener.Dispose();
        _fillers.ForEach(f => f.Dispose());
        foreach (var link in _links.Keys)
            link.Close();
        await Task.WhenAll(_links.Values);
    }

    internal void CountRequest() => Interlocked.Increment(ref _requests);

    private void Relisten(FaultKind kind)
    {
        _listener.Dispose();
        _fillers.ForEach(f => f.Dispose());
        _fillers.Clear();
        if (kind == FaultKind.Refuse)
            return;
        Listen(_port, kind == FaultKind.NotAccept ? 1 : 512);
        if (kind != FaultKind.NotAccept)
        {
            _ = AcceptAsync(_listener);
            return;
        }

        for (var i = 0; i < 8; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _fillers.Add(filler);
            try
            {
                filler.Connect(new IPEndPoint(IPAddress.Loopback, _port));
            }
            catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // In the queue, or waiting for a place in it: both fill it.
            }
        }
    }

    private void Listen(int port, int backlog)
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(backlog);
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var gateway = await listener.AcceptAsync();
                Interlocked.Increment(ref _connections);
                var link = new FaultLink(this, gateway, _http2);
                var running = link.RunAsync(_backend);
                _links[link] = running;
                _ = running.ContinueWith(_ => _links.TryRemove(link, out Task? _), TaskScheduler.Default);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The listener was closed on purpose.
        }
    }
}
