using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Wire;

/// <summary>A connection on which a test writes bytes, in clear or over TLS, one character a byte.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _client;
    private readonly Stream _stream;

    private RawConnection(TcpClient client, Stream stream) => (_client, _stream) = (client, stream);

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", address.Port);
        if (address.Scheme != Uri.UriSchemeHttps)
            return new(client, client.GetStream());
        var tls = new SslStream(client.GetStream(), false, static (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
        await tls.AuthenticateAsClientAsync("localhost");
        return new(client, tls);
    }

    public async Task WriteAsync(string bytes) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));

    /// <summary>Reads until this has come, or everything when the other side closes.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (!answer.ToString().Contains(text, StringComparison.Ordinal))
        {
            int read;
            try
            {
                read = await _stream.ReadAsync(buffer, limit.Token);
            }
            catch (IOException)
            {
                break; // A reset: what came before it is the answer.
            }

            if (read == 0)
                break;
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }

    public Task<string> ReadToEndAsync() => ReadUntilAsync("\uffff");

    public static async Task<string> TalkAsync(Uri address, string bytes)
    {
        using var connection = await OpenAsync(address);
        await connection.WriteAsync(bytes);
        return await connection.ReadToEndAsync();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }
}
