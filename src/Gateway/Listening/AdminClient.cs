namespace Gateway.Listening;

/// <summary>Asks the admin listener of a running gateway.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private const int LargestAnswer = 32 * 1024 * 1024;

    private readonly HttpClient _http;

    private AdminClient(ListenerAddress address, bool own)
    {
        Address = address;
        _http = new HttpClient(DirectHandler.Create(address, ConnectTimeout, own))
        {
            BaseAddress = own ? address.ReachableHere : address.Reachable, Timeout = Timeout,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    public ListenerAddress Address { get; }

    /// <summary>Of an address that somebody named.</summary>
    public static AdminClient Named(ListenerAddress address) => new(address, own: false);

    /// <summary>Of the gateway that was started with the same files and variables as this process.</summary>
    public static AdminClient Own(ListenerAddress address) => new(address, own: true);

    /// <exception cref="HttpRequestException">Nobody answers; the message says why.</exception>
    public async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancel)
    {
        try
        {
            return await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        }
        catch (HttpRequestException error) when (error.GetBaseException() is { } cause && cause != error)
        {
            throw new HttpRequestException(cause.Message, error);
        }
        catch (OperationCanceledException late) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {Timeout.TotalSeconds:0} s", late);
        }
    }

    public void Dispose() => _http.Dispose();
}
