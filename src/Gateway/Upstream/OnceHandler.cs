namespace Gateway.Upstream;

/// <summary>
/// Keeps SocketsHttpHandler from sending a request twice. When a pooled connection dies before the answer, it resends a request
/// whose content it has not begun to write, POST included (dotnet/runtime#86714); an empty content counts as begun.
/// </summary>
internal sealed class OnceHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is null && !IsHarmlessTwice(request.Method))
            request.Content = new NoContent();
        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>RFC 9110 section 9.2. A method that nobody here knows is no exception; CONNECT has no body and no resend.</summary>
    private static bool IsHarmlessTwice(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace
        || method == HttpMethod.Put || method == HttpMethod.Delete || method == HttpMethod.Connect;

    private sealed class NoContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }
}
