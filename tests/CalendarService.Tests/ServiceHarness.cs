using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using CalendarService.Generation.Writers;
using Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(CalendarService.Tests.Databases))]

namespace CalendarService.Tests;

/// <summary>The Postgres that all tests share; each test has a database of its own.</summary>
public sealed class Databases : IAsyncLifetime
{
    public PostgresServer Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Postgres = await PostgresServer.StartNewAsync();

    public ValueTask DisposeAsync() => Postgres.DisposeAsync();

    /// <returns>A connection string of a new, empty database.</returns>
    public async Task<string> NewAsync(string store) => store == "postgres"
        ? Postgres.ConnectionString(await Postgres.CreateDatabaseAsync())
        : $"Data Source={Path.Combine(Directory.CreateTempSubdirectory("calendar-").FullName, "calendar.db")}";
}

/// <summary>The real program on a real socket, and a client of one user.</summary>
internal sealed class ServiceHarness : IAsyncDisposable
{
    public const string Generate =
        """
        {"calendarId":"launch","brief":"Launch of a coffee brand","startDate":"2099-12-01","days":2,"postsPerDay":2,
        "channels":["x","linkedin"],"timezone":"Europe/Berlin"}
        """;

    private static readonly SocketsHttpHandler Connections = new();

    private readonly WebApplication _app;

    private ServiceHarness(WebApplication app)
    {
        _app = app;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Http = ClientOf("ada");
    }

    public string Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<ServiceHarness> StartAsync(string store, params string[] settings) => StartAsync(store, null, settings);

    public static Task<ServiceHarness> StartAsync(string store, ILoggerProvider? log, params string[] settings) =>
        StartAsync(store, log, TimeProvider.System, settings);

    /// <param name="log">Gets the program's own lines.</param>
    public static Task<ServiceHarness> StartAsync(string store, ILoggerProvider? log, TimeProvider clock, params string[] settings) =>
        StartAsync(store, log, clock, _ => { }, settings);

    /// <param name="writer">Writes instead of the program's own.</param>
    public static Task<ServiceHarness> StartAsync(string store, IContentWriter writer) => StartAsync(
        store, null, TimeProvider.System, services => services.RemoveAll<IContentWriter>().AddSingleton(writer));

    private static async Task<ServiceHarness> StartAsync(
        string store, ILoggerProvider? log, TimeProvider clock, Action<IServiceCollection> customise, params string[] settings)
    {
        string[] defaults =
        [
            "--urls=http://127.0.0.1:0", $"--ConnectionStrings:Calendar={store}", "--Logging:LogLevel:Default=None",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=None", "--Logging:LogLevel:Microsoft=None",
            "--Channels:x:AccessToken=token-of-x", "--Channels:linkedin:AccessToken=token-of-linkedin",
            "--Store:ProbeInterval=00:00:00.050",
            $"--CALENDAR_DATA_DIR={Directory.CreateTempSubdirectory("calendar-data-").FullName}",
        ];
        if (log is not null)
            defaults = [.. defaults, "--Logging:LogLevel:CalendarService=Information"];
        var app = Program.Build(
            [.. defaults, .. settings.Select(setting => "--" + setting)],
            services =>
            {
                services.AddSingleton(clock);
                customise(services);
                if (log is not null)
                    services.RemoveAll<ILoggerProvider>().AddSingleton(log);
            });
        await app.StartAsync();
        return new(app);
    }

    public HttpClient ClientOf(string? user)
    {
        var client = new HttpClient(Connections, disposeHandler: false)
        {
            BaseAddress = new Uri(Address),
            Timeout = TimeSpan.FromSeconds(30),
        };
        if (user is not null)
            client.DefaultRequestHeaders.Add("X-User-Id", user);
        return client;
    }

    public Task<Answer> GetAsync(string path, params (string, string)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, string body, params (string, string)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, body, headers);
        using var response = await Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>Generates and reads the stream to its end.</summary>
    public async Task<IReadOnlyList<SseItem<string>>> GenerateAsync(string body = Generate, params (string, string)[] headers)
    {
        using var request = Request(HttpMethod.Post, "/api/calendar/generate", body, headers);
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {await TextIfFailedAsync(response)}");
        return await EventsAsync(response);
    }

    public static HttpRequestMessage Request(
        HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public static async Task<IReadOnlyList<SseItem<string>>> EventsAsync(HttpResponseMessage response)
    {
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
            events.Add(item);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Task<string> TextIfFailedAsync(HttpResponseMessage response) =>
        response.IsSuccessStatusCode ? Task.FromResult("") : response.Content.ReadAsStringAsync();
}

internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders Content)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Code => (string?)Json["code"];

    public string? ETag => Headers.ETag?.Tag;

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) =>
        new(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
}

internal static class SseItemExtensions
{
    public static JsonNode Json(this SseItem<string> item) => JsonNode.Parse(item.Data)!;
}
