using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Harness;
using Harness.Fixtures;

namespace SystemTests.Runbook;

/// <summary><c>deploy/restart</c>: what it refuses before it touches anything, and whose processes it never touches.</summary>
public sealed class RestartTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("restart-").FullName;
    private readonly string _port = OwnPorts.Next().ToString(CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("", 2, "usage: deploy/restart gateway|calendar")]
    [InlineData("legacy", 2, "usage: deploy/restart gateway|calendar")]
    [InlineData("calendar now", 2, "usage: deploy/restart gateway|calendar")]
    [InlineData("gateway", 1, "there is no gateway.env that can be read in ")]
    public async Task Asked_Wrongly_SaysHowInOneSentence(string arguments, int code, string sentence)
    {
        WriteProgram("gateway", "exit 1");
        var restart = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(code, restart.Code);
        Assert.Contains(sentence, Assert.Single(restart.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rm bin/CalendarService", "CalendarService is not on the PATH")]
    [InlineData("mkdir calendar.log", "calendar.log and calendar.pid cannot be written in ")]
    [InlineData("echo 'export A=b' >> calendar.env", "line 2 of calendar.env is neither NAME=value nor NAME='value'")]
    [InlineData("echo 'A=hunter22 b' >> calendar.env", "line 2 of calendar.env is neither")]
    [InlineData("echo 'A=$(date)' >> calendar.env", "line 2 of calendar.env is neither")]
    [InlineData("printf 'A=b\\r\\n' >> calendar.env", "line 2 of calendar.env is neither")]
    [InlineData("echo 'exit 1' >> bin/CalendarService", "the configuration is refused")]
    [InlineData("exec 8< .; flock 8", "another deploy/restart is at work in ")]
    public async Task Started_WithSomethingInTheWay_StopsNothing(string inTheWay, string sentence)
    {
        WriteProgram("CalendarService", "touch checked");
        await File.WriteAllTextAsync(Path.Combine(_folder, "calendar.env"), "A='b c'\n");

        var restart = await BashAsync($"{inTheWay}; '{Script}' calendar");

        Assert.Equal(1, restart.Code);
        var line = Assert.Single(restart.Lines);
        Assert.StartsWith("calendar: " + sentence, line, StringComparison.Ordinal);
        Assert.EndsWith("; nothing was stopped", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", line, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "started")));
    }

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://*")]
    [InlineData("http://[::1]")]
    [InlineData("https://localhost")]
    public async Task Address_OfSomebodyElse_IsToldWithWhoItIs(string address)
    {
        using var other = Listen();
        WriteCalendar("touch started; exec sleep 60", address);

        var restart = await RunAsync("calendar");

        Assert.Equal(1, restart.Code);
        Assert.StartsWith(
            $"calendar: {address}:{_port} belongs to process {Environment.ProcessId} (", Assert.Single(restart.Lines),
            StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "started")));
    }

    [Fact]
    public async Task Address_OnWhichSomebodyElseAnswersMeanwhile_IsNotThePrograms()
    {
        WriteCalendar("touch started; exec sleep 60");

        var restarting = BashAsync($"RESTART_PATIENCE=1 '{Script}' calendar");
        await Eventually.TrueAsync("it is started", () => File.Exists(Path.Combine(_folder, "started")));
        using var other = Listen();
        var restart = await restarting;

        Assert.Equal(1, restart.Code);
        Assert.Contains($"runs and does not listen on http://127.0.0.1:{_port} after 1 s", restart.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_ThatDies_LeavesItsReasonAndIsSaidNotToRun()
    {
        WriteCalendar("""
            echo '{"level":"information","message":"Now it begins"}'; echo 'The service cannot start:'; echo '  Key: "5"'
            echo '   at Somewhere.Deep()'; kill -KILL $$
            """);

        var restart = await RunAsync("calendar");

        Assert.Equal(1, restart.Code);
        Assert.Equal(["The service cannot start:", "  Key: \"5\""], restart.Lines.Take(2));
        Assert.Contains("ended (exit code 137: killed by signal 9); calendar does not run now", restart.Lines[2], StringComparison.Ordinal);
    }

    /// <summary>The real service: started, started again, and what stands in an old pid file is somebody else by now.</summary>
    [Fact]
    public async Task Process_OfAnotherProgram_IsNeverKilledAndOurOwnIsReplaced()
    {
        await using var other = ProgramProcess.Start("sleep", ["60"]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "calendar.pid"), other.Id.ToString(CultureInfo.InvariantCulture));
        WriteProgram("CalendarService", $"exec dotnet '{Repository.Program("src/CalendarService", "CalendarService")}' \"$@\"");
        await File.WriteAllTextAsync(Path.Combine(_folder, "calendar.env"), $"Kestrel__Endpoints__Http__Url=http://127.0.0.1:{_port}\n");

        var first = await RunAsync("calendar");
        File.Delete(Path.Combine(_folder, "calendar.pid")); // It is known without.
        var second = await RunAsync("calendar");

        Assert.True((first.Code, second.Code) == (0, 0), string.Join('\n', [.. first.Lines, .. second.Lines]));
        Assert.False(other.HasExited);
        var pid = await File.ReadAllTextAsync(Path.Combine(_folder, "calendar.pid"));
        Assert.Equal([$"calendar is ready at http://127.0.0.1:{_port}, process {pid.TrimEnd()}"], second.Lines);
        var log = await File.ReadAllTextAsync(Path.Combine(_folder, "calendar.log"));
        Assert.Equal(2, log.Split("Now listening on").Length - 1);
        Assert.Equal(1, log.Split("Application is shutting down").Length - 1);
        Assert.Contains("spool", Directory.EnumerateDirectories(Path.Combine(_folder, "data")).Select(Path.GetFileName));
    }

    public async ValueTask DisposeAsync()
    {
        await BashAsync("for pid in $(grep -lzsxF \"STARTED_BY=$(pwd -P)/deploy/restart calendar\" /proc/[0-9]*/environ | cut -d / -f 3); "
            + "do kill -KILL $pid; done || true");
        Directory.Delete(_folder, recursive: true);
    }

    private static string Script => Path.Combine(Repository.Root, "deploy", "restart");

    private TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, int.Parse(_port, CultureInfo.InvariantCulture));
        listener.Start();
        return listener;
    }

    private void WriteCalendar(string started, string address = "http://127.0.0.1")
    {
        WriteProgram("CalendarService", $"if [ \"${{1-}}\" = check ]; then echo 'listens on {address}:{_port}'; exit; fi\n{started}");
        File.WriteAllText(Path.Combine(_folder, "calendar.env"), "");
    }

    private void WriteProgram(string name, string script)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, name);
        File.WriteAllText(path, $"#!/usr/bin/env bash\n{script}\n");
    }

    private Task<(int Code, IReadOnlyList<string> Lines)> RunAsync(params string[] arguments) =>
        BashAsync($"'{Script}' {string.Join(' ', arguments)}");

    private async Task<(int Code, IReadOnlyList<string> Lines)> BashAsync(string script)
    {
        // To a file: what is started must not keep a pipe open.
        var output = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        var start = new ProcessStartInfo("bash", ["-c", $"chmod +x bin/* 2>/dev/null; {{ {script}\n}} > '{output}' 2>&1"])
        {
            WorkingDirectory = _folder,
        };
        start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        using var bash = Process.Start(start)!;
        await bash.WaitForExitAsync();
        return (bash.ExitCode, await File.ReadAllLinesAsync(output));
    }
}
