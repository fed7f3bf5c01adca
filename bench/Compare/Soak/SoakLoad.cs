using System.Collections.Concurrent;
using System.Globalization;

namespace CompareBench.Soak;

/// <summary>
/// Clients that ask, wait a little and ask again: GETs and POSTs through the decision and event streams, of which one in three is left
/// before its end.
/// </summary>
internal sealed class SoakLoad(Uri gateway)
{
    public const string StreamPath = "/api/calendar/generate";
    public const int BodyBytes = 2048;

    private const int Askers = 8;
    private const int Readers = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LeavesAfter = TimeSpan.FromMilliseconds(350);

    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);

    /// <summary>How often which status was the answer, or none was.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = gateway };
        await Task.WhenAll(
            Enumerable.Range(0, Askers).Select(n => RepeatAsync(n, i => AskAsync(client, i, cancel), cancel))
                .Concat(Enumerable.Range(0, Readers).Select(n => RepeatAsync(n, i => ReadAsync(client, i, cancel), cancel))));
    }

    private async Task RepeatAsync(int first, Func<int, Task<string>> ask, CancellationToken cancel)
    {
        for (var i = first; !cancel.IsCancellationRequested; i += Askers)
        {
            string answer;
            try
            {
                answer = await ask(i);
            }
            catch (Exception failed) when (failed is HttpRequestException or IOException or OperationCanceledException)
            {
                answer = cancel.IsCancellationRequested ? "" : failed is OperationCanceledException ? "left" : "cut";
            }

            if (answer.Length > 0)
                _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
            await Task.Delay(Pause, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string> AskAsync(HttpClient client, int i, CancellationToken cancel)
    {
        var method = i % 5 == 0 ? HttpMethod.Post : HttpMethod.Get;
        using var request = Create(method, FormattableString.Invariant($"/api/calendar/c{i % 500}"), i);
        using var answer = await client.SendAsync(request, cancel);
        return Status(answer);
    }

    private static async Task<string> ReadAsync(HttpClient client, int i, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (i % 3 == 0)
            patience.CancelAfter(LeavesAfter);
        using var request = Create(HttpMethod.Post, StreamPath, i);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        await answer.Content.CopyToAsync(Stream.Null, patience.Token);
        return "stream " + Status(answer);
    }

    private static HttpRequestMessage Create(HttpMethod method, string path, int i)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-User-Id", FormattableString.Invariant($"user{i % 10_000}"));
        if (method == HttpMethod.Post)
            request.Content = new ByteArrayContent(new byte[BodyBytes]);
        return request;
    }

    private static string Status(HttpResponseMessage answer) => ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
}
