using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Upstream;

/// <summary>
/// Connects to a backend by name. Each of its addresses gets a share of the time, and one that failed lately is tried last: an address
/// that is dead costs the attempt that finds out a part of its time, and nobody the backend.
/// </summary>
/// <param name="timeout">For all addresses together.</param>
/// <param name="resolve">The addresses of a name.</param>
internal sealed class Connector(
    Reachability reachability, TimeSpan timeout, TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>Silence after which TCP asks whether the backend is still there.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Grudge = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<IPAddress, long> _failedAt = new();

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        try
        {
            var socket = await ConnectAsync(await ResolveAsync(host, cancellationToken), port, cancellationToken);
            reachability.Connected(host, port);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            reachability.Failed(host, port);
            throw;
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        try
        {
            return await resolve(host, cancellationToken);
        }
        catch (SocketException unknown) when (unknown.SocketErrorCode != SocketError.HostNotFound)
        {
            // Also when the resolver is away: the client underneath tells a fault of the name by this code alone.
            throw new SocketException((int)SocketError.HostNotFound);
        }
    }

    private async Task<Socket> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        var left = addresses.Length;
        foreach (var address in addresses.OrderBy(HasFailedLately))
        {
            if (--left == 0)
                return await ConnectAsync(address, port, cancellationToken);
            using var share = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            share.CancelAfter(timeout / addresses.Length);
            try
            {
                return await ConnectAsync(address, port, share.Token);
            }
            catch (Exception failed) when (
                !cancellationToken.IsCancellationRequested && failed is SocketException or OperationCanceledException)
            {
                _failedAt[address] = clock.GetTimestamp();
            }
        }

        throw new SocketException((int)SocketError.HostNotFound); // A name without an address.
    }

    private async Task<Socket> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)KeepAlive.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        try
        {
            await socket.ConnectAsync(address, port, cancellationToken);
            if (!_failedAt.IsEmpty)
                _failedAt.TryRemove(address, out _);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool HasFailedLately(IPAddress address) =>
        _failedAt.TryGetValue(address, out var at) && clock.GetElapsedTime(at) < Grudge;
}
