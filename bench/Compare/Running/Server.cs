using System.Diagnostics;
using System.Globalization;

namespace CompareBench.Running;

/// <summary>A process that is measured, with the worker processes that it starts.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process) => _process = process;

    /// <param name="output">The file that its output is added to.</param>
    public static Server Start(IEnumerable<string> command, IEnumerable<KeyValuePair<string, string>> environment, string output)
    {
        // The file is the process's own standard output: reading a pipe would cost the machine that is measured.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$OUTPUT\" 2>&1", "sh", .. command]);
        start.Environment["OUTPUT"] = output;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill(process);
        return new(process);
    }

    public bool HasExited => _process.HasExited;

    /// <summary>User and system time so far, as the kernel accounts for it.</summary>
    public TimeSpan ReadProcessorTime() => ReadTree(pid =>
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }).Aggregate(TimeSpan.Zero, static (sum, time) => sum + time);

    /// <returns>Megabytes that are resident now.</returns>
    public double ReadResident() => ReadTree(static pid => ReadStatus(pid, "VmRSS")).Sum();

    /// <returns>Megabytes that were resident at the most.</returns>
    public double ReadPeak() => ReadTree(static pid => ReadStatus(pid, "VmHWM")).Sum();

    /// <returns>Files and sockets that are open.</returns>
    public int ReadHandles() => ReadTree(static pid => Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count()).Sum();

    public int ReadThreads() => ReadTree(static pid => Directory.EnumerateDirectories($"/proc/{pid}/task").Count()).Sum();

    public async ValueTask DisposeAsync()
    {
        Kill(_process);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It is over, or was disposed of.
        }
    }

    private T[] ReadTree<T>(Func<int, T> read) => [.. ListTree(_process.Id).Select(read)];

    private static IEnumerable<int> ListTree(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(child => ListTree(int.Parse(child, CultureInfo.InvariantCulture)))
            .Prepend(pid);

    private static double ReadStatus(int pid, string field) => double.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(field, StringComparison.Ordinal))
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
