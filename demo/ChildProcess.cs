using System.Diagnostics;

namespace Demo;

internal sealed class ChildProcessException(string message) : Exception(message);

/// <summary>One of our programs as a process, its log in a file; it ends when this is disposed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly string _log;
    private readonly Process _process;
    private readonly StreamWriter _writer;

    private ChildProcess(string name, string log, Process process, StreamWriter writer) =>
        (_name, _log, _process, _writer) = (name, log, process, writer);

    public int Id => _process.Id;

    /// <param name="project">Folder below <c>src</c>.</param>
    public static ChildProcess Start(string project, string assembly, DemoFolder folder, Dictionary<string, string> environment)
    {
        // demo/bin/Debug/net10.0 and src/X/bin/Debug/net10.0 end alike.
        var output = Path.GetRelativePath(Path.Combine(DemoFolder.Repository(), "demo"), AppContext.BaseDirectory);
        var dll = Path.Combine(DemoFolder.Repository(), "src", project, output, assembly + ".dll");
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [dll])
        {
            WorkingDirectory = Path.GetDirectoryName(dll)!,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;

        var log = folder.Log(project);
        var writer = new StreamWriter(log) { AutoFlush = true };
        var process = Process.Start(start) ?? throw new ChildProcessException($"{project} did not start.");
        process.OutputDataReceived += (_, line) => Write(writer, line.Data);
        process.ErrorDataReceived += (_, line) => Write(writer, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(project, log, process, writer);
    }

    /// <exception cref="ChildProcessException">It ended or never became ready; the message has its last lines.</exception>
    public async Task ReadyAsync(string url, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(1) };
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience; await Task.Delay(50, cancel))
        {
            if (_process.HasExited)
                break;
            try
            {
                if ((await client.GetAsync(new Uri(url), cancel)).IsSuccessStatusCode)
                    return;
            }
            catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                // Not listening yet.
            }
        }

        throw new ChildProcessException($"{_name} is not ready at {url}. Its last lines ({DemoFolder.Shorten(_log)}):\n{Tail()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Process.Start("kill", ["-TERM", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])?.Dispose();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
        await _writer.DisposeAsync();
    }

    private static void Write(StreamWriter writer, string? line)
    {
        if (line is null)
            return;
        lock (writer)
            writer.WriteLine(line);
    }

    private string Tail()
    {
        lock (_writer)
        {
            using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return string.Join('\n', reader.ReadToEnd().Split('\n').TakeLast(12));
        }
    }
}
