using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Demo;

[assembly: UnsupportedOSPlatform("windows")]

// The whole move on one machine: a sample legacy backend in this process, the calendar service and the gateway as children of it.
using var stop = new CancellationTokenSource();
// The children got the same Ctrl-C; we stay to see them off. SIGHUP: its terminal was closed.
PosixSignal[] ends = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
var signals = ends.Select(end => PosixSignalRegistration.Create(end, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
})).ToArray();

try
{
    using var folder = DemoFolder.Lock();
    DemoPorts.Check();
    folder.Fill();
    await using var system = await DemoSystem.StartAsync(folder, stop.Token);
    using var launcher = Launcher.Watch(stop.Cancel);
    await Console.Out.WriteAsync(Tour.Text(folder));
    await system.RunAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException)
{
    await Console.Out.WriteLineAsync("Stopped.");
    return 0;
}
catch (DemoException failure)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}
finally
{
    Array.ForEach(signals, signal => signal.Dispose());
}
