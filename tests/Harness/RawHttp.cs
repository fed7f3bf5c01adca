using System.Net.Sockets;
using System.Text;

namespace Harness;

/// <summary>Bytes on a socket, for what a well-behaved client cannot say.</summary>
public static class RawHttp
{
    /// <summary>
    /// Sends, and reads until the other side closes or resets: after its answer Kestrel waits five seconds for a body that does not
    /// end, and resets the connection then.
    /// </summary>
    public static async Task<string> SendAsync(Uri address, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException) when (answer.Length > 0)
        {
            // What came before is the answer; its test says whether it is whole.
        }
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
