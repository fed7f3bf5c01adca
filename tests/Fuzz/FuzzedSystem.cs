using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness;
using Harness.Fixtures;

namespace Fuzz;

/// <summary>A legacy stub, and both programs as they were built, on loopback ports and a folder of their own.</summary>
internal sealed class FuzzedSystem : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz-").FullName;
    private readonly List<Process> _processes = [];

    public int[] Ports { get; } = [OwnPorts.Next(), OwnPorts.Next(), OwnPorts.Next()];

    public string Run { get; private set; } = "";

    public ConcurrentQueue<(string Line, string Fault)> LogFindings { get; } = new();

    public long LogLines => _logLines;

    public bool AnyEnded => _processes.Any(process => process.HasExited);

    private long _logLines;
    private StubBackend? _legacy;

    public static async Task<FuzzedSystem> StartAsync(string root, string build)
    {
        var system = new FuzzedSystem();
        system._legacy = await StubBackend.StartAsync("legacy");
        system.WriteConfig();
        system.Start(Path.Combine(root, "src", "CalendarService", build, "CalendarService.dll"), new(StringComparer.Ordinal)
        {
            ["Kestrel__Endpoints__Http__Url"] = Url(system.Ports[1]),
            ["CALENDAR_DATA_DIR"] = system._folder,
            ["Channels__x__AccessToken"] = NastyValues.Canary + "-token",
        });
        system.Start(Path.Combine(root, "src", "Gateway", build, "gateway.dll"), new(StringComparer.Ordinal)
        {
            ["Kestrel__Endpoints__Public__Url"] = Url(system.Ports[0]),
            ["Kestrel__Endpoints__Admin__Url"] = Url(system.Ports[2]),
            ["GATEWAY_CONFIG_DIR"] = system._folder,
            ["CALENDAR_SERVICE_ENABLED"] = "true",
            ["PUBLISH_SERVICE_ENABLED"] = "true",
        });
        await system.PrepareAsync();
        return system;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (_legacy is not null)
            await _legacy.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync()
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Add("X-User-Id", "alice");
        foreach (var port in Ports[1..])
        {
            await Eventually.TrueAsync($"{Url(port)} is ready", async () =>
            {
                try
                {
                    return (await client.GetAsync($"{Url(port)}/readyz")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            });
        }

        using var body = new StringContent(
            """
            {"calendarId":"spring","brief":"Spring sale","startDate":"2099-07-01","days":1,"postsPerDay":2,"channels":["x"],
            "timezone":"Asia/Calcutta"}
            """,
            Encoding.UTF8, "application/json");
        using var generated = await client.PostAsync($"{Url(Ports[1])}/api/calendar/generate", body);
        await generated.Content.ReadAsStringAsync();
        Run = generated.Headers.GetValues("X-Run-Id").Single();
    }

    private void WriteConfig()
    {
        using var config = new ConfigDirectory(_folder);
        config.Point("calendar", new Uri(Url(Ports[1]))).Point("legacy", _legacy!.Address).Switch(on: true);
        config.Cohort("canary")["DefaultRolloutPercentage"] = 100;
        config.Save();
    }

    private void Start(string program, Dictionary<string, string?> settings)
    {
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        Interlocked.Increment(ref _logLines);
        if (LogJudge.FaultOf(line) is { } fault)
            LogFindings.Enqueue((line, fault));
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
