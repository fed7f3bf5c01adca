using System.Diagnostics;
using System.Net.Sockets;
using Harness;

namespace SystemTests;

/// <summary>The README's first command and the tour it prints, pasted into a shell as a reader would.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Tour_PastedCommandByCommand_ShowsThePointAndLeavesNothingBehind()
    {
        var treeBefore = await ShellAsync("git status --porcelain");
        // A shell that runs the tests in the background ignores SIGINT, and so would the demo.
        await using var demo = ProgramProcess.Start("env", ["--default-signal=INT", "dotnet", Repository.Program("demo", "demo")]);
        await Eventually.TrueAsync(
            "the demo prints its tour", () => demo.HasExited || demo.Output.Any(l => l.Contains("5. ", StringComparison.Ordinal)));
        Assert.False(demo.HasExited, demo.Errors);
        await Eventually.TrueAsync("the tour is whole", () => Commands(demo).Length == 5);
        var commands = Commands(demo);

        var off = await ShellAsync(commands[0]);
        Assert.Contains("X-Served-By: legacy", off, StringComparison.Ordinal);
        Assert.Contains("X-Route-Reason: flag-off", off, StringComparison.Ordinal);

        var on = await ShellAsync(commands[1]);
        Assert.Contains("X-Served-By: calendar", on, StringComparison.Ordinal);
        Assert.Contains("X-Route-Reason: in-cohort", on, StringComparison.Ordinal);

        var generated = await ShellAsync(commands[2]);
        Assert.Equal(3, generated.Split("event: entry").Length - 1);
        Assert.Contains("event: done", generated, StringComparison.Ordinal);

        var published = await ShellAsync(commands[3]);
        Assert.Contains("HTTP/1.1 200", published, StringComparison.Ordinal);
        Assert.Equal(2 * 6, published.Split("\"status\":\"dry_run_ok\"").Length - 1); // Six intents, then six rows.

        var stopped = await ShellAsync(commands[4]);
        Assert.Contains("X-Served-By: legacy", stopped, StringComparison.Ordinal);
        Assert.Contains("Proxy-Status: gateway; error=", stopped, StringComparison.Ordinal);

        await demo.SignalAsync("INT");
        Assert.Equal(0, await demo.ExitAsync());
        Assert.All(
            (int[])[8080, 8081, 8082, 9901], port => Assert.Throws<SocketException>(() => new TcpClient("127.0.0.1", port).Dispose()));
        Assert.Equal(treeBefore, await ShellAsync("git status --porcelain"));
    }

    private static string[] Commands(ProgramProcess demo) =>
        [.. demo.Output.Select(l => l.Trim()).Where(l => l.StartsWith("curl ", StringComparison.Ordinal)
            || l.StartsWith("sed ", StringComparison.Ordinal) || l.StartsWith("kill ", StringComparison.Ordinal))];

    private static async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var said = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return said;
    }
}
