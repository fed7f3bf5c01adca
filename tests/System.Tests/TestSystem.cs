using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Harness;

namespace SystemTests;

/// <summary>Legacy, the calendar service and the gateway, as they run in production: two real processes on real sockets.</summary>
internal sealed class TestSystem : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-system-").FullName;
    private readonly LegacyStub _legacy;
    private readonly string _database;
    private readonly int _servicePort = OwnPorts.Next();
    private readonly int _publicPort = OwnPorts.Next();
    private readonly int _adminPort = OwnPorts.Next();
    private readonly SocketsHttpHandler _handler = new();
    private readonly IReadOnlyDictionary<string, string?> _settings;

    private TestSystem(LegacyStub legacy, string? database, IReadOnlyDictionary<string, string?>? settings)
    {
        _legacy = legacy;
        _settings = settings ?? new Dictionary<string, string?>(StringComparer.Ordinal);
        _database = database ?? $"Data Source={Path.Combine(_folder, "calendar.db")}";
        Config = new ConfigDirectory(Path.Combine(_folder, "config"))
            .Point("calendar", new Uri(Url(_servicePort))).Point("legacy", new Uri(legacy.Url)).Canary("alice");
        // The stub lives in the tests' process, which has other things to do; one that is gone refuses connections, whatever the timeout.
        Config.Clusters["legacy"]!["HealthCheck"]!["Active"]!["Timeout"] = "00:00:20";
        Config.Ramp().Save(); // For the metrics that only a ramp has.
        Public = Client(_publicPort);
        Admin = Client(_adminPort);
        Service = Client(_servicePort);
    }

    public HttpClient Public { get; }

    public HttpClient Admin { get; }

    /// <summary>The calendar service without the gateway in front.</summary>
    public HttpClient Service { get; }

    public LegacyStub Legacy => _legacy;

    public ProgramProcess ServiceProcess { get; private set; } = null!;

    public ProgramProcess GatewayProcess { get; private set; } = null!;

    /// <summary>The gateway's own folder.</summary>
    public ConfigDirectory Config { get; }

    /// <param name="database">A connection string; a SQLite file of the system's own by default.</param>
    /// <param name="environmentOn">The environment's key of both flags.</param>
    /// <param name="settings">Environment variables of both programs.</param>
    public static async Task<TestSystem> StartAsync(
        string? database = null, bool environmentOn = true, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var system = new TestSystem(new LegacyStub(), database, settings);
        // A stub's very first answer takes seconds on a busy machine, and a gateway's probes would miss it.
        (await system.Public.GetAsync(new Uri(system.Legacy.Url))).Dispose();
        system.StartService();
        system.StartGateway(environmentOn);
        await system.ServiceReadyAsync();
        await Eventually.TrueAsync("the gateway is ready", () => IsOkAsync(system.Admin, "/readyz"));
        // The gateway may have come first and found nobody there.
        await system.BackendAsync("calendar", "available");
        await system.BackendAsync("legacy", "available");
        return system;
    }

    /// <summary>Edits the file's key of both flags as an operator would, and waits until it is in force.</summary>
    public async Task SwitchAsync(bool on)
    {
        Config.Switch(on).SaveRollout();
        await Eventually.TrueAsync($"both flags are {(on ? "on" : "off")}", async () =>
            (await Admin.GetFromJsonAsync<JsonElement>("/status")).GetProperty("flags").EnumerateArray()
            .All(flag => flag.GetProperty("file").GetBoolean() == on));
    }

    public void StartService() => ServiceProcess = ProgramProcess.Start(
        "dotnet", [Repository.Program("src/CalendarService", "CalendarService")], new Dictionary<string,
        string?>(_settings, StringComparer.Ordinal)
        {
            ["Kestrel__Endpoints__Http__Url"] = Url(_servicePort),
            ["ConnectionStrings__Calendar"] = _database,
            ["CALENDAR_DATA_DIR"] = Path.Combine(_folder, "data"),
        });

    public Task ServiceReadyAsync() => Eventually.TrueAsync("the calendar service is ready", () => IsOkAsync(Service, "/readyz"));

    /// <summary>Waits until the gateway has probed the backend, which it believes in until then, and sees it as it should.</summary>
    public Task BackendAsync(string id, string availability) => Eventually.TrueAsync($"{id} is {availability}", async () =>
    {
        var backend = (await Admin.GetFromJsonAsync<JsonElement>("/status")).GetProperty("backends").EnumerateArray()
            .Single(b => b.GetProperty("id").GetString() == id);
        return backend.GetProperty("probed").GetBoolean() && backend.GetProperty("availability").GetString() == availability;
    });

    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, string? user, object? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (user is not null)
            request.Headers.Add("X-User-Id", user);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        await GatewayProcess.DisposeAsync();
        await ServiceProcess.DisposeAsync();
        _legacy.Dispose();
        _handler.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static async Task<bool> IsOkAsync(HttpClient client, string path)
    {
        try
        {
            using var response = await client.GetAsync(path);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private HttpClient Client(int port) => new(_handler, disposeHandler: false) { BaseAddress = new Uri(Url(port)) };

    private void StartGateway(bool environmentOn)
    {
        var on = environmentOn ? "true" : null;
        GatewayProcess = ProgramProcess.Start(
            "dotnet", [Repository.Program("src/Gateway", "gateway")], new Dictionary<string, string?>(_settings, StringComparer.Ordinal)
            {
                ["GATEWAY_CONFIG_DIR"] = Config.Path,
                ["CALENDAR_SERVICE_ENABLED"] = on,
                ["PUBLISH_SERVICE_ENABLED"] = on,
                ["Kestrel__Endpoints__Public__Url"] = Url(_publicPort),
                ["Kestrel__Endpoints__Admin__Url"] = Url(_adminPort),
                ["Upstream__Ramp"] = _settings.GetValueOrDefault("Upstream__Ramp") ?? "00:00:00.001", // All of its users at once.
            });
    }
}
