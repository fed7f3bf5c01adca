using System.Diagnostics;
using System.Globalization;
using SystemTests.Fixtures;

namespace SystemTests.Runbook;

/// <summary>A shell as a reader has one: in a checkout, with things of their own exported.</summary>
internal static class Terminal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Types a command that keeps running.</summary>
    public static ProgramProcess Start(string command, string folder) => ProgramProcess.Start(
        // A group of its own, for Ctrl-C; a shell that runs the tests in the background ignores it. What is built already is the Release.
        "setsid",
        ["env", "--default-signal=INT", "Configuration=Release", "MSBUILDDISABLENODEREUSE=1", .. OwnEnvironmentTests.Exported,
            "bash", "-c", $"cd '{folder}' && {command}"]);

    public static async Task PressCtrlCAsync(ProgramProcess running) =>
        await RunAsync(string.Create(CultureInfo.InvariantCulture, $"kill -INT -- -{running.Id}"));

    /// <summary>Waits until it has printed what it should.</summary>
    public static async Task PrintsAsync(ProgramProcess running, CommandBlock block)
    {
        var started = Stopwatch.GetTimestamp();
        for (string? fault; (fault = block.Fault(string.Join('\n', running.Output))) is not null; await Task.Delay(50))
        {
            Assert.False(running.HasExited, $"{fault}\n{running.Errors}");
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{fault}\n{running.Errors}");
        }
    }

    /// <summary>In the root of the checkout.</summary>
    public static async Task<(int Code, string Printed)> RunAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", "exec 2>&1\n" + script])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var printed = await bash.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
            await bash.WaitForExitAsync();
            return (bash.ExitCode, printed);
        }
        catch (TimeoutException)
        {
            bash.Kill(entireProcessTree: true);
            return (-1, $"it did not end within {Patience.TotalSeconds} s");
        }
    }
}
