using System.Net.Sockets;

namespace Gateway.Listening;

/// <summary>
/// How a command asks a gateway: at its own address, whatever proxies the environment names for the world. On this machine the certificate
/// proves nothing that the address does not, and it is often self-signed.
/// </summary>
internal static class DirectHandler
{
    /// <param name="own">The gateway that runs beside the command, wherever it listens.</param>
    public static SocketsHttpHandler Create(ListenerAddress address, TimeSpan connectTimeout, bool own = false)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = connectTimeout,
        };
        if (own || address.Reachable.IsLoopback)
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        if (address.SocketPath is { } file)
            handler.ConnectCallback = (_, cancel) => ConnectAsync(file, cancel);
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(string file, CancellationToken cancel)
    {
        if (!File.Exists(file))
            throw new IOException($"there is no socket {file}"); // The system's word for it is about addresses.
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(file), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
