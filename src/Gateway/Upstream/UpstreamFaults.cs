namespace Gateway.Upstream;

/// <summary>What can be read from the way in which sending failed.</summary>
internal static class UpstreamFaults
{
    /// <summary>No connection came about, so the backend never saw the request.</summary>
    public static bool IsProofOfNotSent(Exception? error) => error is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    /// <summary>Nobody cancelled: this is SocketsHttpHandler's connect timeout, and proof that nothing was sent.</summary>
    public static Exception AsNotSentIfConnectingTookTooLong(Exception error, CancellationToken cancellationToken) =>
        error is OperationCanceledException { InnerException: TimeoutException } timeout && !cancellationToken.IsCancellationRequested
            ? new HttpRequestException(
                HttpRequestError.ConnectionError, "The connection attempt timed out.", new TimeoutException(timeout.Message, timeout))
            : error;
}

/// <summary>The service's promise, by <c>503</c> and <c>X-Not-Accepted: true</c>, that it did nothing.</summary>
internal static class NotAccepted
{
    public const string Header = "X-Not-Accepted";

    public static bool IsPromisedBy(HttpResponseMessage response) =>
        response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable
        && response.Headers.TryGetValues(Header, out var values)
        && values.Contains("true", StringComparer.OrdinalIgnoreCase);
}

/// <summary>The service's word, by <c>404</c> and <c>X-Not-Elsewhere: true</c>, that it is another user's: nobody else is asked.</summary>
internal static class NotElsewhere
{
    public const string Header = "X-Not-Elsewhere";

    public static bool IsSaidBy(HttpResponseMessage response) =>
        response.StatusCode == System.Net.HttpStatusCode.NotFound
        && response.Headers.TryGetValues(Header, out var values)
        && values.Contains("true", StringComparer.OrdinalIgnoreCase);
}
