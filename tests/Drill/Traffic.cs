using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Drill;

/// <summary>
/// What users do meanwhile, so that a ratio is a ratio: alice is in the canary, bob is not. A request that fails is a user who asks again.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _client;
    private readonly Uri _gateway;
    private readonly List<Task> _loops;

    // Adapters refuse a post whose time has passed.
    private readonly string _firstDay = TimeProvider.System.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private int _openStreams;

    public Traffic(HttpClient client, Uri gateway)
    {
        (_client, _gateway) = (client, gateway);
        _loops =
        [
            RepeatAsync(200, () => GetAsync("alice", "/api/calendar/spring")),
            RepeatAsync(250, () => GetAsync("bob", "/api/calendar")),
            RepeatAsync(250, () => PageAsync("bob")),
            RepeatAsync(500, () => GetAsync("alice", "/api/calendar/spring/export")),
            RepeatAsync(500, () => PublishAsync("bob", "spring")),
            RepeatAsync(1_000, () => Publishes ? PublishAsync("alice", "spring") : Task.CompletedTask),
            RepeatAsync(1_000, () => Task.WhenAll(PublishesToo.Select(calendar => PublishAsync("alice", calendar)))),
            RepeatAsync(500, () =>
            {
                if (Streams)
                    _ = TryAsync(() => GenerateAsync("alice", "background", "x")); // Not awaited: a stream that stalls holds up nobody else.
                return Task.CompletedTask;
            }),
            RepeatAsync(250, () => OutsiderStreams ? TryAsync(() => GenerateAsync("bob", "background", "x")) : Task.CompletedTask),
        ];
    }

    /// <summary>Whether alice publishes now and then.</summary>
    public bool Publishes { get; set; }

    /// <summary>Calendars that she publishes besides.</summary>
    public IReadOnlyList<string> PublishesToo { get; set; } = [];

    /// <summary>Whether alice generates now and then.</summary>
    public bool Streams { get; set; }

    /// <summary>Whether bob, whom legacy serves, generates too.</summary>
    public bool OutsiderStreams { get; set; }

    public int OpenStreams => Volatile.Read(ref _openStreams);

    /// <summary>Reads the stream to its end.</summary>
    public async Task<string> GenerateAsync(string user, string calendar, string channel)
    {
        Interlocked.Increment(ref _openStreams);
        try
        {
            return await SendAsync(user, HttpMethod.Post, "/api/calendar/generate", new
            {
                calendarId = calendar,
                brief = "Spring sale of garden tools",
                startDate = _firstDay,
                days = 2,
                postsPerDay = 1,
                channels = new[] { channel },
                timezone = "Europe/Berlin",
            });
        }
        finally
        {
            Interlocked.Decrement(ref _openStreams);
        }
    }

    /// <summary>Something that legacy has always served.</summary>
    public Task PageAsync(string user) => GetAsync(user, "/pages/about");

    /// <summary>One intent: the first entry on its one channel.</summary>
    public Task<string> PublishAsync(string user, string calendar) => SendAsync(
        user, HttpMethod.Post, "/api/publish", new { calendarId = calendar, entryIds = new[] { FirstEntry }, dryRun = true });

    /// <summary>An edit as a person makes it.</summary>
    public async Task EditAsync(string calendar, string text)
    {
        var before = JsonSerializer.Deserialize<JsonElement>(await SendAsync("alice", HttpMethod.Get, $"/api/calendar/{calendar}"));
        var version = before.GetProperty("version").GetInt64();
        await SendAsync(
            "alice", HttpMethod.Patch, $"/api/calendar/{calendar}/entries/{FirstEntry}", new { text },
            ("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")));
    }

    public static async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // What breaks here is broken on purpose.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private string FirstEntry => _firstDay + "-1";

    private Task GetAsync(string user, string path) => SendAsync(user, HttpMethod.Get, path);

    private async Task<string> SendAsync(
        string user, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_gateway, path)) { Headers = { { "X-User-Id", user } } };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await _client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task RepeatAsync(int milliseconds, Func<Task> action)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        while (!_stop.IsCancellationRequested)
        {
            await TryAsync(action);
            await Task.WhenAny(timer.WaitForNextTickAsync(_stop.Token).AsTask());
        }
    }
}
