using System.Runtime.InteropServices;

namespace Demo;

/// <summary>The sample legacy backend in this process, the calendar service and the gateway as children of it.</summary>
internal sealed class DemoSystem : IAsyncDisposable
{
    private const string LegacyUrl = "http://127.0.0.1:8082";
    private const string ServiceUrl = "http://127.0.0.1:8081";
    private const string AdminUrl = "http://127.0.0.1:9901";

    private readonly DemoFolder _folder;
    private WebApplication? _legacy;
    private ChildProcess? _service;
    private ChildProcess? _gateway;

    private DemoSystem(DemoFolder folder) => _folder = folder;

    /// <exception cref="DemoException">One of them does not start.</exception>
    public static async Task<DemoSystem> StartAsync(DemoFolder folder, CancellationToken cancel)
    {
        var system = new DemoSystem(folder);
        try
        {
            system._legacy = await SampleLegacy.StartAsync(LegacyUrl, cancel);
            system.StartService();
            system._gateway = ChildProcess.Start("Gateway", "gateway", folder, new()
            {
                ["GATEWAY_CONFIG_DIR"] = folder.Config,
                ["CALENDAR_SERVICE_ENABLED"] = "true",
                ["PUBLISH_SERVICE_ENABLED"] = "true",
                ["Rollout__Controller"] = "true",
            });
            await system._service!.ReadyAsync($"{ServiceUrl}/readyz", cancel);
            await system._gateway.ReadyAsync($"{AdminUrl}/readyz", cancel);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until it is cancelled. SIGCONT, "go on", starts the calendar service again if it has ended.</summary>
    /// <exception cref="DemoException">It does not start again.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var onward = new SemaphoreSlim(0);
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => onward.Release());
        while (true)
        {
            await onward.WaitAsync(cancel);
            if (_service is not { HasExited: true } ended)
                continue;
            await ended.DisposeAsync();
            StartService();
            await _service.ReadyAsync($"{ServiceUrl}/readyz", cancel);
            await Console.Out.WriteLineAsync("The calendar service runs again.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_service is not null)
            await _service.DisposeAsync();
        if (_legacy is not null)
            await _legacy.DisposeAsync();
    }

    private void StartService()
    {
        _service = ChildProcess.Start("CalendarService", "CalendarService", _folder, new()
        {
            ["CALENDAR_DATA_DIR"] = _folder.Data,
            ["Writer__BuiltIn__Pace"] = "00:00:00.150", // Slow enough to see that it streams.
        });
        _folder.WriteServicePid(_service.Id);
    }
}
