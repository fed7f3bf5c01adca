using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Tests;

/// <summary>A real gateway on two real listeners, with everything a test may look at.</summary>
internal sealed class GatewayHarness : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<HttpClient> _clients = [];

    public GatewayHarness(WebApplication app, ConfigDirectory config, LogLines logs)
    {
        (_app, Config, Logs) = (app, config, logs);
        // In the order of their names, as Kestrel reads its configuration: Admin, Public.
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.ToArray();
        (AdminAddress, PublicAddress) = (new(addresses[0]), new(addresses[1]));
        OwnPorts.Claim(AdminAddress.Port);
        OwnPorts.Claim(PublicAddress.Port);
        Client = NewClient(PublicAddress);
        Admin = NewClient(AdminAddress);
    }

    public Uri PublicAddress { get; }

    public Uri AdminAddress { get; }

    /// <summary>Asks the public listener. Follows no redirect, keeps no cookie, decodes nothing.</summary>
    public HttpClient Client { get; }

    public HttpClient Admin { get; }

    public ConfigDirectory Config { get; }

    public LogLines Logs { get; }

    public IServiceProvider Services => _app.Services;

    public HttpClient NewClient(Uri address)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            Expect100ContinueTimeout = TimeSpan.FromSeconds(20),
            ResponseDrainTimeout = TimeSpan.Zero, // A client that leaves is gone at once, not after two seconds of reading on.
        };
        var client = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        _clients.Add(client);
        return client;
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? user = null, params (string Name, string Value)[] headers) =>
        Client.SendAsync(Request(HttpMethod.Get, path, user, null, headers));

    public Task<HttpResponseMessage> PostAsync(
        string path, object body, string? user = null, params (string Name, string Value)[] headers) =>
        Client.SendAsync(Request(HttpMethod.Post, path, user, JsonContent.Create(body), headers));

    public Task<EventReader> OpenStreamAsync(string path, object body, string? user = null) =>
        EventReader.OpenAsync(Client, Request(HttpMethod.Post, path, user, JsonContent.Create(body)));

    public static HttpRequestMessage Request(
        HttpMethod method, string path, string? user = null, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        if (user is not null)
            request.Headers.Add("X-User-Id", user);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    public async Task<MetricsPage> MetricsAsync() => MetricsPage.Parse(await Admin.GetStringAsync("/metrics"));

    public async Task<JsonElement> StatusAsync() => await Admin.GetFromJsonAsync<JsonElement>("/status");

    public async Task<JsonElement> ExplainAsync(string method, string path, string? user = null, string? groups = null) =>
        await Admin.GetFromJsonAsync<JsonElement>(
            $"/explain?method={method}&path={Uri.EscapeDataString(path)}&user={Uri.EscapeDataString(user ?? "")}&groups={Uri.EscapeDataString(groups ?? "")}");

    public async Task<string> RevisionAsync() => (await StatusAsync()).GetProperty("configuration").GetProperty("revision").GetString()!;

    /// <summary>Edits, saves, and waits until the gateway has taken the change.</summary>
    public async Task ReloadAsync(Action<ConfigDirectory> edit)
    {
        var before = await RevisionAsync();
        edit(Config);
        Config.Save();
        // The last reload is told when all of it is in force, destinations too; the revision a moment before.
        await Eventually.TrueAsync("the edited configuration is in force", async () =>
        {
            var configuration = (await StatusAsync()).GetProperty("configuration");
            var revision = configuration.GetProperty("revision").GetString();
            return revision != before && configuration.GetProperty("lastReload").GetProperty("revision").GetString() == revision;
        });
    }

    /// <summary>Waits until <c>/status</c> says this of the backend.</summary>
    public Task BackendIsAsync(string id, string availability) => Eventually.TrueAsync($"{id} is {availability}", async () =>
        (await StatusAsync()).GetProperty("backends").EnumerateArray()
            .Any(b => b.GetProperty("id").GetString() == id && b.GetProperty("availability").GetString() == availability));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        Config.Dispose();
    }
}
