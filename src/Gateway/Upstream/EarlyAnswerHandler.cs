using Gateway.Exchanges;
using Gateway.Streams;

namespace Gateway.Upstream;

/// <summary>
/// Passes on the answer that a backend gives before it has read the upload, and then ends the upload: nobody waits for the rest of it.
/// </summary>
internal sealed class EarlyAnswerHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The request's upload, for whoever has to know why sending failed.</summary>
    public static readonly HttpRequestOptionsKey<Upload> UploadKey = new("gateway.upload");

    /// <summary>For an HTTP/2 client to finish its upload after the answer; over HTTP/1.1 Kestrel gives it 5 seconds.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    /// <summary>For an upload to notice that its connection is gone.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(500);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not { } body || body.Headers.ContentLength == 0)
            return base.SendAsync(request, cancellationToken);
        request.Options.TryGetValue(Exchange.ContextKey, out var context);
        if (context?.Request.Body is not WholeBody whole)
            return UploadAsync(request, body, context, cancellationToken);
        request.Content = whole.ToContent(body);
        return base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> UploadAsync(
        HttpRequestMessage request, HttpContent body, HttpContext? context, CancellationToken cancellationToken)
    {
        // Kestrel resets an HTTP/2 stream that it has answered and not read, which some clients take for a failure.
        var drains = context is not null && HttpProtocol.IsHttp2(context.Request.Protocol);
        // Sent again if its connection was not free, and then nothing of it has been read.
        var upload = body as Upload ?? new Upload(body, drains);
        request.Content = upload;
        request.Options.Set(UploadKey, upload);
        Upload.Current = upload;
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (Exception)
        {
            // The forwarder cancels a body that is still being read, and then Kestrel resets the client's connection.
            await upload.Completion.WaitAsync(Notice, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (upload.Fault is { } fault)
                throw new HttpRequestException("The request's body could not be read to its end.", fault);
            throw;
        }

        if (upload.IsSent || context is null)
            return response;
        if (MayBeWithheld(response, context))
            await upload.Completion.WaitAsync(cancellationToken);
        else
            await EndWithAnswerAsync(response, upload, context, cancellationToken);
        return response;
    }

    /// <summary>Somebody else may get the request instead, and with it what was not yet read of the body.</summary>
    private static bool MayBeWithheld(HttpResponseMessage response, HttpContext context) =>
        (int)response.StatusCode is 502 or 503 or 504 && context.GetExchange().Try is { IsJudged: true };

    private static async Task EndWithAnswerAsync(
        HttpResponseMessage response, Upload upload, HttpContext context, CancellationToken cancellationToken)
    {
        var content = response.Content;
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        response.Content = new StreamContent(new LastReader(stream, upload, response, context));
        foreach (var (name, values) in content.Headers.NonValidated)
            response.Content.Headers.TryAddWithoutValidation(name, values);
    }

    private sealed class LastReader(Stream answer, Upload upload, HttpResponseMessage response, HttpContext context) : ForwardOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await answer.ReadAsync(buffer, cancellationToken);
            if (read > 0 || buffer.IsEmpty)
                return read;
            upload.Stop(Drain);
            // The forwarder waits for the upload, and the client may wait for the answer's end before it goes on with that.
            if (context.GetExchange().Stream is null && !response.TrailingHeaders.Any())
                await context.Response.CompleteAsync();
            else
                await context.Response.Body.FlushAsync(cancellationToken);
            // Only then: a client that has the answer may end its upload short of the length it announced, and Kestrel resets a stream
            // for that with an error, which reaches the client before the end of the answer.
            if (HttpProtocol.IsHttp2(context.Request.Protocol))
                await upload.Completion.WaitAsync(Drain, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                answer.Dispose();
                upload.Stop(TimeSpan.Zero);
            }

            base.Dispose(disposing);
        }
    }
}
