using Demo;

// The whole move on one machine: a sample legacy backend in this process, the calendar service and the gateway as children of it.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // The children got the same Ctrl-C; we stay to see them off.
    stop.Cancel();
};
using var onTerminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });

var folder = DemoFolder.Create();
await using var legacy = await SampleLegacy.StartAsync("http://127.0.0.1:8082");
await using var service = ChildProcess.Start("CalendarService", "CalendarService", folder, new()
{
    ["CALENDAR_DATA_DIR"] = folder.Data,
    ["Writer__BuiltIn__Pace"] = "00:00:00.150", // Slow enough to see that it streams.
});
await using var gateway = ChildProcess.Start("Gateway", "gateway", folder, new()
{
    ["GATEWAY_CONFIG_DIR"] = folder.Config,
    ["CALENDAR_SERVICE_ENABLED"] = "true",
    ["PUBLISH_SERVICE_ENABLED"] = "true",
});

try
{
    await service.ReadyAsync("http://127.0.0.1:8081/readyz", stop.Token);
    await gateway.ReadyAsync("http://127.0.0.1:9901/readyz", stop.Token);
    await Console.Out.WriteAsync(Tour.Text(folder, service.Id));
    await Task.Delay(Timeout.Infinite, stop.Token);
    return 0;
}
catch (OperationCanceledException)
{
    await Console.Out.WriteLineAsync("Stopping…");
    return 0;
}
catch (ChildProcessException failure)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}
