using System.Net.Http.Json;

namespace Gateway.Listening;

/// <summary>Asks the admin listener of a running gateway, or the service.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(3);

    private const int LargestAnswer = 32 * 1024 * 1024;

    private readonly HttpClient _http;

    private AdminClient(ListenerAddress address, bool own, TimeSpan timeout, string? key)
    {
        Address = address;
        _http = new HttpClient(DirectHandler.Create(address, ConnectTimeout, own))
        {
            BaseAddress = own ? address.ReachableHere : address.Reachable, Timeout = timeout,
            MaxResponseContentBufferSize = LargestAnswer,
        };
        if (key is not null)
            _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
    }

    public ListenerAddress Address { get; }

    /// <summary>Of an address that somebody named.</summary>
    /// <param name="timeout">For a whole answer; a moment unless given.</param>
    /// <param name="key">A bearer key that is shown.</param>
    public static AdminClient Named(ListenerAddress address, TimeSpan? timeout = null, string? key = null) =>
        new(address, own: false, timeout ?? UsualTimeout, key);

    /// <summary>Of the gateway that was started with the same files and variables as this process.</summary>
    public static AdminClient Own(ListenerAddress address) => new(address, own: true, UsualTimeout, key: null);

    /// <exception cref="HttpRequestException">Nobody answers; the message says why.</exception>
    public Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancel) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel);

    /// <inheritdoc cref="GetAsync"/>
    public Task<HttpResponseMessage> PostAsync<T>(string path, T body, CancellationToken cancel) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) }, cancel);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancel)
    {
        using var request = message;
        try
        {
            return await _http.SendAsync(request, cancel);
        }
        catch (HttpRequestException error) when (error.GetBaseException() is { } cause && cause != error)
        {
            throw new HttpRequestException(cause.Message, error);
        }
        catch (OperationCanceledException late) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {_http.Timeout.TotalSeconds:0} s", late);
        }
    }

    public void Dispose() => _http.Dispose();
}
