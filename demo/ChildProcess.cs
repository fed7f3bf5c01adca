using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Demo;

/// <summary>
/// One of our programs as a process, its log in a file. It ends when this is disposed, and when the demo is gone without having disposed
/// of anything.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    // The demo holds the other end of the pipe at descriptor 3. A line in it means that the program has ended and its number is
    // somebody else's by now; its end without a line means that the demo was killed.
    private const string DiesWithTheDemo = """
        exec 3<&0 </dev/null
        (read -r _ <&3 || kill -KILL $$) >/dev/null 2>&1 &
        exec "$@" 3<&-
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly ChildLog _log;
    private readonly Process _process;

    private ChildProcess(string name, ChildLog log, Process process) => (_name, _log, _process) = (name, log, process);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="project">Folder below <c>src</c>.</param>
    /// <exception cref="DemoException">There is no shell to start it with.</exception>
    public static ChildProcess Start(string project, string assembly, DemoFolder folder, Dictionary<string, string> environment)
    {
        // demo/bin/Debug/net10.0 and src/X/bin/Debug/net10.0 end alike.
        var output = Path.GetRelativePath(Path.Combine(DemoFolder.Repository(), "demo"), AppContext.BaseDirectory);
        var dll = Path.Combine(DemoFolder.Repository(), "src", project, output, assembly + ".dll");
        var start = new ProcessStartInfo("/bin/sh", ["-c", DiesWithTheDemo, "sh", FindDotnet(), dll])
        {
            WorkingDirectory = Path.GetDirectoryName(dll)!,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;

        var log = new ChildLog(folder.Log(project));
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => log.Write(line.Data);
        process.ErrorDataReceived += (_, line) => log.Write(line.Data);
        process.Exited += (_, _) => Release(process);
        try
        {
            process.Start();
        }
        catch (Win32Exception refused)
        {
            throw new DemoException($"{project} cannot be started: {refused.Message}.");
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(project, log, process);
    }

    /// <exception cref="DemoException">It ended or never became ready; the message has its last lines.</exception>
    public async Task ReadyAsync(string url, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
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

        cancel.ThrowIfCancellationRequested(); // The same Ctrl-C ended both.
        throw new DemoException($"{_name} is not ready at {url}. Its last lines ({_log.Path}):\n{_log.Tail()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // The shell's own kill: the program of that name is a package that may be missing.
            var id = Id.ToString(CultureInfo.InvariantCulture);
            using (var kill = Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\" 2>/dev/null", id]))
                await kill.WaitForExitAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(); // Until then it has its port.
            }
        }

        Release(_process); // Before the pipe closes with it: its number may be somebody else's by now.
        _process.Dispose();
        _log.Dispose();
    }

    /// <summary>The one that runs this, wherever the PATH leads: <c>dotnet</c> stands two folders above its runtime's.</summary>
    private static string FindDotnet()
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        return File.Exists(dotnet) ? dotnet : "dotnet";
    }

    private static void Release(Process process)
    {
        try
        {
            process.StandardInput.WriteLine();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Whoever watched is gone as well.
        }
    }
}
