using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace CalendarService.Generation.Writers;

/// <summary>One streamed chat completion of any OpenAI-compatible endpoint as pieces of text.</summary>
internal sealed class ChatStream(IHttpClientFactory clients, IOptions<WriterOptions> options)
{
    public const string HttpClient = "openai";

    private const string Call = "/chat/completions";
    private const int MostRedirects = 3;
    private const int MostOfAnError = 64 * 1024;

    // What the endpoint has refused, as long as the process lives.
    private volatile ChatRequest _form = new("", "", "");

    /// <summary>Ends normally only when the model said that it had finished. No answer is asked for twice.</summary>
    /// <exception cref="WriterException">The endpoint failed, refused, or broke off.</exception>
    public async IAsyncEnumerable<ChatPiece> AskAsync(
        string instructions, string question, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var answer = await TalkAsync(() => AskAsync(instructions, question), cancel);
        await using var body = await TalkAsync(() => OpenAsync(answer.Content, cancel), cancel);
        yield return ChatPiece.Alive;
        var reader = new ChatReader();
        var buffer = new byte[16 * 1024];
        while (!reader.Done && await TalkAsync(() => body.ReadAsync(buffer, cancel).AsTask(), cancel) is var read and > 0)
        {
            foreach (var piece in reader.Feed(buffer.AsMemory(0, read)))
                yield return piece;
        }

        foreach (var piece in reader.End())
            yield return piece;

        async Task<HttpResponseMessage> AskAsync(string instructions, string question)
        {
            var form = _form with { Model = options.Value.OpenAI.Model, Instructions = instructions, Question = question };
            return await SendAsync(form, cancel);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(ChatRequest form, CancellationToken cancel)
    {
        while (true)
        {
            var answer = await SendAsync(form.ToContent, cancel);
            if (answer.IsSuccessStatusCode)
            {
                _form = form with { Model = "", Instructions = "", Question = "" };
                return answer;
            }

            using (answer)
            {
                var status = (int)answer.StatusCode;
                var body = await ReadErrorAsync(answer, cancel);
                using var document = ChatChunk.Parse(body);
                var said = document is null ? ChatComplaint.None : ChatComplaint.Read(document.RootElement);
                form = form.Without(status, said)
                    ?? throw ChatFaults.OfStatus(status, answer.Headers, said, isWebPage: body.TrimStart().StartsWith('<'));
            }
        }
    }

    // A redirect within the same server is followed; by hand, because the framework's makes a GET of it.
    private async Task<HttpResponseMessage> SendAsync(Func<HttpContent> content, CancellationToken cancel)
    {
        var address = Address(options.Value.OpenAI.BaseUrl);
        for (var left = MostRedirects; ; left--)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content() };
            request.Headers.TryAddWithoutValidation("User-Agent", "calendar-service");
            if (options.Value.OpenAI.ApiKey is { Length: > 0 } key)
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
            var answer = await clients.CreateClient(HttpClient).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if ((int)answer.StatusCode is not (>= 300 and < 400))
                return answer;
            using (answer)
            {
                var target = answer.Headers.Location is { } location ? new Uri(address, location) : null;
                if (target is null || left == 0 || !IsSameServer(address, target))
                    throw ChatFaults.Redirects(target?.Authority);
                address = target;
            }
        }
    }

    private static Uri Address(string baseUrl)
    {
        var address = new UriBuilder(baseUrl);
        var path = address.Path.TrimEnd('/');
        address.Path = path.EndsWith(Call, StringComparison.Ordinal) ? path : path + Call;
        return address.Uri;
    }

    private static bool IsSameServer(Uri from, Uri to) =>
        from.IdnHost.Equals(to.IdnHost, StringComparison.OrdinalIgnoreCase)
        && ((from.Scheme == to.Scheme && from.Port == to.Port)
            || (from is { Scheme: "http", IsDefaultPort: true } && to is { Scheme: "https", IsDefaultPort: true }));

    private static async Task<string> ReadErrorAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            await using var body = await OpenAsync(answer.Content, cancel);
            var bytes = new byte[MostOfAnError];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
            return Encoding.Latin1.GetString(bytes, 0, length);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or InvalidDataException)
        {
            return ""; // The status says enough.
        }
    }

    // Nobody is asked to compress, since what does so may hold words back; some do all the same.
    private static async Task<Stream> OpenAsync(HttpContent content, CancellationToken cancel)
    {
        var body = await content.ReadAsStreamAsync(cancel);
        return content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
    }

    private static async Task<T> TalkAsync<T>(Func<Task<T>> talk, CancellationToken cancel)
    {
        try
        {
            return await talk();
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel); // A read torn by our own cancellation may show as an I/O error.
        }
        catch (Exception error) when (ChatFaults.ToWriterException(error) is not null)
        {
            throw ChatFaults.ToWriterException(error)!;
        }
    }
}
