namespace Gateway.Listening;

/// <summary>
/// How a command asks a gateway: at its own address, whatever proxies the environment names for the world. On this machine the certificate
/// proves nothing that the address does not, and it is often self-signed.
/// </summary>
internal static class DirectHandler
{
    /// <param name="own">The gateway that runs beside the command, wherever it listens.</param>
    public static SocketsHttpHandler Create(Uri address, TimeSpan connectTimeout, bool own = false)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = connectTimeout,
        };
        if (own || address.IsLoopback)
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        return handler;
    }
}
