using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Listening;
using ServiceDefaults.Correlation;

namespace Gateway.Smoke;

/// <summary>Asks the public listener as one user or as the one outside, and remembers every answer.</summary>
internal sealed class SmokeClient : IDisposable
{
    private readonly SmokeOptions _options;
    private readonly HttpClient _http;
    private readonly List<SmokeAnswer> _answers = [];
    private readonly CancellationToken _cancel;

    public SmokeClient(SmokeOptions options, CancellationToken cancel)
    {
        (_options, _cancel) = (options, cancel);
        _http = new HttpClient(DirectHandler.Create(options.Url, options.Timeout))
        {
            BaseAddress = options.Url.Reachable, Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Of this run of the smoke; every request id and key starts with it.</summary>
    public string RunName { get; } = "smoke-" + Guid.CreateVersion7().ToString("n")[..20];

    public IReadOnlyList<SmokeAnswer> Answers => _answers;

    public Task<SmokeAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<SmokeAnswer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) =>
        OpenAsync(method, path, outside: false, body, headers, WholeAsync);

    public Task<SmokeAnswer> GetOutsideAsync(string path) => OpenAsync(HttpMethod.Get, path, outside: true, null, [], WholeAsync);

    /// <summary>Follows the answer as it comes when it is an event stream.</summary>
    public async Task<(SmokeAnswer Answer, SmokeStream? Stream)> StreamAsync(
        string path, object body, params (string Name, string Value)[] headers)
    {
        SmokeStream? stream = null;
        var asked = Stopwatch.GetTimestamp();
        var answer = await OpenAsync(HttpMethod.Post, path, outside: false, body, headers, async (content, cancel) =>
        {
            if (content.Headers.ContentType?.MediaType != "text/event-stream")
                return await content.ReadAsStringAsync(cancel);
            stream = await SmokeStream.ReadAsync(await content.ReadAsStreamAsync(cancel), asked, _options.Timeout, cancel);
            return "";
        });
        return (answer, stream);
    }

    public void Dispose() => _http.Dispose();

    private static Task<string> WholeAsync(HttpContent content, CancellationToken cancel) => content.ReadAsStringAsync(cancel);

    private async Task<SmokeAnswer> OpenAsync(
        HttpMethod method, string path, bool outside, object? body, (string Name, string Value)[] headers,
        Func<HttpContent, CancellationToken, Task<string>> read)
    {
        var id = $"{RunName}-{_answers.Count + 1:00}";
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add(RequestId.Header, id);
        Identify(request, outside);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = new StringContent(
                JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        patience.CancelAfter(_options.Timeout);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
                patience.CancelAfter(Timeout.InfiniteTimeSpan); // From here on the silence between two bytes counts.
            var text = await read(response.Content, patience.Token);
            var all = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var answer = new SmokeAnswer(
                $"{method} {path}", id, outside ? _options.Outside : _options.User, response.StatusCode, all, text);
            _answers.Add(answer);
            return answer;
        }
        catch (OperationCanceledException) when (!_cancel.IsCancellationRequested)
        {
            throw new SmokeFailedException($"{method} {path}: no answer within {_options.Timeout.TotalSeconds} s");
        }
    }

    private void Identify(HttpRequestMessage request, bool outside)
    {
        if ((outside ? _options.OutsideToken : _options.Token) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return;
        }

        request.Headers.Add("X-User-Id", outside ? _options.Outside : _options.User);
        if (!outside && _options.Groups is { } groups)
            request.Headers.Add("X-User-Groups", groups);
    }
}
