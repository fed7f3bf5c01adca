using System.Diagnostics;
using System.Globalization;
using Harness;

namespace Crash;

/// <summary>The real program, its log in a file.</summary>
internal sealed class ReplicaProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly StreamWriter _log;
    private volatile string? _address;

    private ReplicaProcess(Process process, StreamWriter log) => (_process, _log) = (process, log);

    public Uri Address => new(_address!);

    public static async Task<ReplicaProcess> StartAsync(string program, string data, string log, IEnumerable<string> arguments)
    {
        // Without the trap a full disk, which is a file size limit here, would kill it.
        string[] shell = ["-c", "trap '' XFSZ; exec dotnet \"$@\"", "sh", program, "--urls=http://127.0.0.1:0", .. arguments];
        var service = new ReplicaProcess(
            new Process
            {
                StartInfo = new ProcessStartInfo("/bin/sh", shell)
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    WorkingDirectory = data,
                    Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" }, // The runtime's own mapping is a file too.
                },
            },
            new StreamWriter(log) { AutoFlush = true });
        service._process.OutputDataReceived += (_, line) => service.Keep(line.Data);
        service._process.Start();
        service._process.BeginOutputReadLine();
        try
        {
            await Eventually.TrueAsync("the service listens", () => service._address is not null);
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }

        return service;
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM, and its end.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await Eventually.TrueAsync("the service stops", () => _process.HasExited);
    }

    /// <summary>
    /// No file of this process may grow beyond so many bytes: write() fails in the middle of a record, as it does on a disk that is
    /// full, without a file system of our own, for which one has to be root.
    /// </summary>
    public Task LimitFilesAsync(long? bytes) => RunAsync(
        "prlimit", "--pid", Id,
        bytes is null ? "--fsize=unlimited:unlimited" : string.Create(CultureInfo.InvariantCulture, $"--fsize={bytes}:unlimited"));

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        lock (_log)
            _log.Dispose();
    }

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    private Task SignalAsync(string signal) => _process.HasExited ? Task.CompletedTask : RunAsync("kill", "-" + signal, Id);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        if (_address is null && line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            _address = line[(at + Listening.Length)..].Split('"')[0];
        lock (_log)
        {
            if (_log.BaseStream.CanWrite)
                _log.WriteLine(line);
        }
    }
}
