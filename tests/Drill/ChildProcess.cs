using System.Diagnostics;
using System.Globalization;

namespace Drill;

/// <summary>A program of the drill as a process of its own, its output in a file.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly string _log;
    private readonly Process _process;
    private readonly StreamWriter _writer;

    private ChildProcess(string name, string log, Process process, StreamWriter writer) =>
        (Name, _log, _process, _writer) = (name, log, process, writer);

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(
        string name, string logs, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = logs,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        var log = Path.Combine(logs, name + ".log");
        var writer = new StreamWriter(log, append: true) { AutoFlush = true };
        var process = Process.Start(start) ?? throw new DrillException($"{name} did not start");
        var child = new ChildProcess(name, log, process, writer);
        process.OutputDataReceived += (_, line) => child.Write(line.Data);
        process.ErrorDataReceived += (_, line) => child.Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a checking tool to its end.</summary>
    /// <exception cref="DrillException">It is not content; the message is what it said.</exception>
    public static async Task CheckAsync(string file, params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0)
            throw new DrillException($"{Path.GetFileName(file)} {string.Join(' ', arguments)}:\n{string.Concat(said)}");
    }

    /// <summary>SIGKILL: no handler runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public string Tail()
    {
        lock (_writer)
        {
            using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return string.Join('\n', reader.ReadToEnd().Split('\n').TakeLast(15));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)])?.Dispose();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
        await _writer.DisposeAsync();
    }

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (_writer)
        {
            if (_writer.BaseStream is { CanWrite: true })
                _writer.WriteLine(line);
        }
    }
}
