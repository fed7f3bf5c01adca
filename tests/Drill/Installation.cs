using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Harness;
using Harness.Fixtures;
using Npgsql;

namespace Drill;

/// <summary>
/// Everything that a drill needs, on free ports: two gateways, the calendar service on Postgres, Prometheus and Alertmanager are the real
/// programs; legacy, the AI and who is told are stubs in this process.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drill-").FullName;
    private readonly SocketsHttpHandler _handler = new();
    private readonly int _service = OwnPorts.Next();
    private readonly MonitoringPorts _ports;
    private readonly Stack<IAsyncDisposable> _running = [];
    private string _database = "";
    private readonly CancellationToken _cancel;
    private bool _keepLogs;
    private Task<PostgresServer>? _postgres;

    private Installation(CancellationToken cancel)
    {
        _cancel = cancel;
        _ports = new([OwnPorts.Next(), OwnPorts.Next()], _service, OwnPorts.Next(), OwnPorts.Next(), OwnPorts.Next());
        Client = new(_handler, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(15) };
        Gateways = [.. _ports.GatewayAdmins.Select(
            (admin, i) => new Replica($"gateway-{i + 1}", Path.Combine(_folder, $"gateway-{i + 1}"), Url(OwnPorts.Next()), Url(admin)))];
        Monitoring = new(Client, Url(_ports.Prometheus), Url(_ports.Alertmanager));
    }

    public HttpClient Client { get; }

    public IReadOnlyList<Replica> Gateways { get; }

    public string ServiceInstance => Authority(_service);

    public MonitoringApi Monitoring { get; }

    public StubBackend Legacy { get; private set; } = null!;

    public StubAi Ai { get; private set; } = null!;

    /// <summary>The other end of the line: stands in for the pager, the chat and the dead man's switch.</summary>
    public WebhookReceiver Webhook { get; private set; } = null!;

    public IEnumerable<Delivery> Deliveries => Webhook.Messages.SelectMany(Delivery.In);

    public PostgresServer Postgres { get; private set; } = null!;

    public ChildProcess Service { get; private set; } = null!;

    /// <summary>The installed service's own settings, read again when they are saved.</summary>
    public string ServiceSettings => Path.Combine(_folder, "service", "appsettings.json");

    public string Logs => _folder;

    /// <summary>Where the service keeps publishes while its database is away.</summary>
    public string Spool => Path.Combine(_folder, "data", "spool");

    public string Addresses => string.Join('\n', (string[])
    [
        .. Gateways.Select(g => $"{g.Name}         {g.Public}  admin {g.Admin}console"),
        $"calendar service  {Url(_service)}",
        $"Prometheus        {Url(_ports.Prometheus)}alerts",
        $"Alertmanager      {Url(_ports.Alertmanager)}",
        $"logs              {_folder}",
    ]);

    public static async Task<Installation> StartAsync(string monitoring, TimeProvider clock, CancellationToken cancel)
    {
        var installation = new Installation(cancel);
        try
        {
            await installation.StartAllAsync(monitoring, clock);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    public void StartGateway(Replica gateway)
    {
        gateway.Process = Keep(ChildProcess.Start(
            gateway.Name, _folder, "dotnet", [Path.Combine(Checkout.Program("src/Gateway"), "gateway.dll")], new Dictionary<string,
            string>(StringComparer.Ordinal)
            {
                ["GATEWAY_CONFIG_DIR"] = gateway.Config,
                ["CALENDAR_SERVICE_ENABLED"] = "true",
                ["PUBLISH_SERVICE_ENABLED"] = "true",
                ["Kestrel__Endpoints__Public__Url"] = gateway.Public.ToString(),
                ["Kestrel__Endpoints__Admin__Url"] = gateway.Admin.ToString(),
                ["Upstream__Circuit__BreakDuration"] = "00:00:01", // As the windows: in quick motion.
            }));
    }

    public void StartService()
    {
        Service = Keep(ChildProcess.Start(
            "service", _folder, "dotnet", [Path.Combine(_folder, "service", "CalendarService.dll")], new Dictionary<string,
            string>(StringComparer.Ordinal)
            {
                ["Kestrel__Endpoints__Http__Url"] = Url(_service).ToString(),
                ["ConnectionStrings__Calendar"] = Postgres.ConnectionString(_database),
                ["CALENDAR_DATA_DIR"] = Path.Combine(_folder, "data"),
                ["Writer__Kind"] = "OpenAI",
                ["Writer__OpenAI__BaseUrl"] = Ai.BaseUrl,
                ["Writer__OpenAI__Model"] = "stub",
                ["Generation__ItemTimeout"] = "00:00:01",
                ["Spool__ProbeInterval"] = "00:00:00.200",
            }));
    }

    public Task GatewayReadyAsync(Replica gateway) => ReadyAsync(gateway.Process, new Uri(gateway.Admin, "readyz"));

    public Task ServiceReadyAsync() => ReadyAsync(Service, new Uri(Url(_service), "readyz"));

    /// <summary>Waits until the gateway's probes see the backend so, and so every request does.</summary>
    public Task BackendAsync(string id, string availability) => UntilAsync($"{id} is {availability}", async () =>
    {
        var status = await Client.GetFromJsonAsync<JsonElement>(new Uri(Gateways[0].Admin, "status"));
        return status.GetProperty("backends").EnumerateArray()
            .Single(b => b.GetProperty("id").GetString() == id).GetProperty("availability").GetString() == availability;
    });

    /// <summary>As the database's own administrator, past everything else.</summary>
    public async Task SqlAsync(string statements)
    {
        await using var connection = new NpgsqlConnection(Postgres.ConnectionString(_database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync();
    }

    public void KeepLogs() => _keepLogs = true;

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_running.Select(running => running.DisposeAsync().AsTask()));
        if (_postgres is not null)
            await (await _postgres).DisposeAsync(); // After who is connected to it; also when it only just began to start.
        _handler.Dispose();
        Client.Dispose();
        if (!_keepLogs)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAllAsync(string monitoring, TimeProvider clock)
    {
        await MonitoringFiles.WriteAsync(monitoring, _folder, _ports);
        _postgres = PostgresServer.StartNewAsync();
        Legacy = Keep(await StubBackend.StartAsync("legacy"));
        Ai = Keep(await StubAi.StartAsync(Story.GoodAnswer()));
        Webhook = Keep(WebhookReceiver.Start(_ports.Webhook, clock));
        foreach (var gateway in Gateways)
        {
            gateway.WriteConfig(Url(_service), Legacy.Address);
            StartGateway(gateway);
        }

        var alertmanager = Keep(ChildProcess.Start(
            "alertmanager", _folder, "prometheus-alertmanager",
            [$"--config.file={_folder}/alertmanager.yml", $"--storage.path={_folder}/alertmanager",
                $"--web.listen-address={Authority(_ports.Alertmanager)}", "--cluster.listen-address="]));
        Install("src/CalendarService", Path.GetDirectoryName(ServiceSettings)!);
        Postgres = await _postgres;
        _database = await Postgres.CreateDatabaseAsync();
        StartService();
        await Task.WhenAll([ServiceReadyAsync(), ReadyAsync(alertmanager, new Uri(Url(_ports.Alertmanager), "-/ready")),
            .. Gateways.Select(GatewayReadyAsync)]);
        await BackendAsync("calendar", "available");
        // It came after the gateways: its users come back to it one after another.
        await Task.WhenAll(Gateways.Select(gateway => ServedAsync(gateway, "alice", "calendar")));

        // Last, so that it never sees anything down that was only not up yet.
        var prometheus = Keep(ChildProcess.Start(
            "prometheus", _folder, "prometheus",
            [
                $"--config.file={_folder}/prometheus.yml", $"--storage.tsdb.path={_folder}/prometheus",
                $"--web.listen-address={Authority(_ports.Prometheus)}",
                "--rules.alert.resend-delay=1s", // Its default of a minute, in quick motion.
            ]));
        await ReadyAsync(prometheus, new Uri(Url(_ports.Prometheus), "-/ready"));
    }

    /// <summary>A copy of the built program: its settings are this drill's to break.</summary>
    private static void Install(string project, string folder)
    {
        Directory.CreateDirectory(folder);
        var built = Checkout.Program(project);
        foreach (var file in Directory.GetFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    private Task ServedAsync(Replica gateway, string user, string backend) => UntilAsync($"{user} is served by {backend}", async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Public, "api/calendar"));
        request.Headers.Add("X-User-Id", user);
        using var response = await Client.SendAsync(request);
        return response.Headers.TryGetValues("X-Served-By", out var by) && by.Single() == backend;
    });

    private Task ReadyAsync(ChildProcess process, Uri url) => UntilAsync($"{process.Name} is ready", async () =>
    {
        if (process.HasExited)
            throw new DrillException($"{process.Name} ended. Its last lines:\n{process.Tail()}");
        try
        {
            using var response = await Client.GetAsync(url);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    private async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            if (tries > 600)
                throw new DrillException($"never happened within a minute: {what}");
            await Task.Delay(100, _cancel);
        }
    }

    private T Keep<T>(T running)
        where T : IAsyncDisposable
    {
        _running.Push(running);
        return running;
    }

    private static string Authority(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static Uri Url(int port) => new($"http://{Authority(port)}/");
}
