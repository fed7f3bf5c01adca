using System.Diagnostics;
using System.Globalization;
using Harness;

namespace SystemTests.Runbook;

/// <summary>
/// A machine as the documents assume one: a folder with <c>config/</c> and <c>deploy/</c>, the programs on the PATH, Postgres at
/// <c>DATABASE_URL</c>, a legacy backend. Its ports are free ones; they are put into the commands, and out of what they print.
/// </summary>
internal sealed class DocumentSystem : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RepeatFor = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("runbook-").FullName;
    private readonly IReadOnlyList<(string Documented, string Real)> _ports;

    private DocumentSystem(PostgresServer postgres, string database, StubBackend legacy, StubAi ai, string writer)
    {
        (Postgres, DatabaseUrl, Legacy, Ai) = (postgres, database, legacy, ai);
        _ports =
        [
            (":8080", Free()), (":9901", Free()), (":8081", Free()),
            (":8082", string.Create(CultureInfo.InvariantCulture, $":{legacy.Address.Port}")),
        ];
        WriteFolder(writer);

        static string Free() => string.Create(CultureInfo.InvariantCulture, $":{OwnPorts.Next()}");
    }

    public PostgresServer Postgres { get; }

    public string DatabaseUrl { get; }

    public StubBackend Legacy { get; }

    public StubAi Ai { get; }

    /// <param name="writer">Who writes the posts: <c>BuiltIn</c> or <c>OpenAI</c>.</param>
    public static async Task<DocumentSystem> StartAsync(string writer)
    {
        var postgres = await PostgresServer.StartNewAsync();
        var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(200, """{"backend":"legacy"}""", "application/json");
        var ai = await StubAi.StartAsync(Happenings.Posts());
        var system = new DocumentSystem(postgres, postgres.Url(await postgres.CreateDatabaseAsync()), legacy, ai, writer);
        await system.BashAsync("chmod +x deploy/restart bin/*");
        return system;
    }

    public string File(string name) => Path.Combine(_folder, name);

    /// <summary>Runs a block; a block that only looks is run again until it prints what it should.</summary>
    public async Task<string?> RunAsync(CommandBlock block)
    {
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(100))
        {
            var (code, printed) = await BashAsync(block.Script);
            var fault = code == 0 ? block.Fault(printed) : $"exit {code}, printed\n{printed}";
            if (fault is null || !block.Repeat || Stopwatch.GetElapsedTime(started) > RepeatFor)
                return fault;
        }
    }

    public async Task<(int Code, string Printed)> BashAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", "exec 2>&1\n" + ToReal(script)])
        {
            WorkingDirectory = _folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{File("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["DATABASE_URL"] = DatabaseUrl;
        start.Environment.Remove("GATEWAY_CONFIG_DIR"); // As a reader's shell: the nearest config/ is the one of this folder.
        start.Environment["DOTNET_TieredPGO"] = "0"; // Thirty short lives a document: what they learn of themselves is of no use.
        using var bash = Process.Start(start)!;
        try
        {
            var printed = await bash.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
            await bash.WaitForExitAsync();
            return (bash.ExitCode, ToDocumented(printed));
        }
        catch (TimeoutException)
        {
            bash.Kill(entireProcessTree: true);
            return (-1, $"it did not end within {Patience.TotalSeconds} s");
        }
    }

    public string ToReal(string text) => _ports.Aggregate(text, (all, port) => all.Replace(port.Documented, port.Real));

    public async ValueTask DisposeAsync()
    {
        foreach (var name in (string[])["gateway", "calendar"])
            await BashAsync($"[ ! -s {name}.pid ] || kill -KILL $(cat {name}.pid) || true");

        await Ai.DisposeAsync();
        await Legacy.DisposeAsync();
        await Postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string ToDocumented(string text) => _ports.Aggregate(text, (all, port) => all.Replace(port.Real, port.Documented));

    private void WriteFolder(string writer)
    {
        using var config = new ConfigDirectory(File("config"));
        foreach (var name in (string[])[ConfigDirectory.GatewayFile, ConfigDirectory.RolloutFile])
            config.Write(name, ToReal(ConfigDirectory.Shipped(name))); // Word for word: the documents' edits have to fit.
        Directory.CreateDirectory(File("deploy"));
        System.IO.File.WriteAllText(
            File("deploy/restart"), ToReal(System.IO.File.ReadAllText(Path.Combine(Repository.Root, "deploy/restart"))));
        Directory.CreateDirectory(File("bin"));
        // Settings of the programs' own, for ports and for tests that wait less; what an .env file says wins.
        Shim("gateway", Repository.Program("src/Gateway", "gateway"), $"""
            export Kestrel__Endpoints__Public__Url=http://*{_ports[0].Real} Kestrel__Endpoints__Admin__Url=http://127.0.0.1{_ports[1].Real}
            export Shutdown__DrainDelay=00:00:00 Shutdown__StreamGrace=00:00:00 Upstream__Ramp=00:00:00.100
            """);
        // Its log is not on the disk that fills up, and a disk that is full is no signal.
        Shim("CalendarService", Repository.Program("src/CalendarService", "CalendarService"), $"""
            export Kestrel__Endpoints__Http__Url=http://127.0.0.1{_ports[2].Real} DOTNET_EnableWriteXorExecute=0
            export Spool__ProbeInterval=00:00:00.200 Writer__Kind={writer}
            export Writer__OpenAI__Model=stub Writer__OpenAI__ApiKey=not-a-secret Writer__OpenAI__BaseUrl={Ai.BaseUrl}
            export Generation__ItemTimeout="$(printenv Generation__ItemTimeout || echo 00:00:01)"
            exec > >(exec cat) 2>&1
            trap '' XFSZ
            """);
    }

    private void Shim(string name, string program, string settings) =>
        System.IO.File.WriteAllText(File("bin/" + name), $"#!/usr/bin/env bash\n{settings}\nexec dotnet '{program}' \"$@\"\n");
}
