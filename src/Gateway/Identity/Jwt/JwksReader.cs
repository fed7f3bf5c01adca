using Microsoft.Extensions.Options;

namespace Gateway.Identity.Jwt;

/// <summary>Reads the JWK set's bytes, from a file or a URL.</summary>
internal sealed class JwksReader(IOptions<JwtOptions> options, IHttpClientFactory clients)
{
    public const string HttpClient = "token-keys";

    private const int Largest = 256 * 1024;

    /// <exception cref="IOException">The source is down, answers something else, or too much.</exception>
    public async Task<byte[]> ReadAsync(CancellationToken cancel)
    {
        if (options.Value.JwksUrl is not { } url)
            return await ReadFileAsync(options.Value.Jwks!, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd("application/jwk-set+json, application/json");
        try
        {
            using var client = clients.CreateClient(HttpClient);
            // Only the head is waited for here: the body is read below, up to its limit and no further.
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (!response.IsSuccessStatusCode)
                throw new IOException($"answered {(int)response.StatusCode}");
            await using var body = await response.Content.ReadAsStreamAsync(cancel);
            return await ReadAllAsync(body, cancel);
        }
        catch (HttpRequestException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancel)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return await ReadAllAsync(file, cancel);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream source, CancellationToken cancel)
    {
        var buffer = new byte[Largest + 1];
        var length = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return length <= Largest ? buffer[..length] : throw new IOException($"more than {Largest} bytes");
    }
}
