using System.Diagnostics;
using System.Globalization;
using Harness.Fixtures;
using Npgsql;

namespace Harness;

/// <summary>
/// A real Postgres 15 on a free loopback port, in a directory of its own. Can be stopped and started again, as
/// a database in trouble is.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";

    /// <summary>Made once a process and copied: a copy takes a tenth of the time.</summary>
    private static readonly Lazy<Task<string>> Template = new(InitialiseAsync);

    private readonly string _directory;

    private readonly bool _durable;

    private PostgresServer(string directory, int port, bool durable) => (_directory, Port, _durable) = (directory, port, durable);

    public int Port { get; }

    /// <summary>Holds its Unix domain socket.</summary>
    public string Folder => _directory;

    /// <param name="durable">A commit waits for the disk, as in production; tests have no power cuts.</param>
    /// <exception cref="FileNotFoundException">Debian's package postgresql-15 is not installed.</exception>
    public static async Task<PostgresServer> StartNewAsync(bool durable = false)
    {
        if (!File.Exists($"{Programs}/initdb"))
            throw new FileNotFoundException("these tests need Debian's package postgresql-15", $"{Programs}/initdb");
        var directory = await NewDirectoryAsync();
        var server = new PostgresServer(directory, OwnPorts.Next(), durable);
        await AsPostgresAsync("cp", "-r", await Template.Value, server.Data);
        await server.StartAsync();
        return server;
    }

    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Pooling=true;Maximum Pool Size=20";

    public string Url(string database) => $"postgresql://postgres@127.0.0.1:{Port}/{database}?sslmode=disable";

    /// <summary>Of the process that starts a new one for each session.</summary>
    public async Task<int> ProcessIdAsync() =>
        int.Parse((await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0], CultureInfo.InvariantCulture);

    public async Task<string> CreateDatabaseAsync()
    {
        var name = "test_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return name;
    }

    public Task StartAsync() => ProgramAsync(
        "pg_ctl", "-D", Data, "-w", "-s", "-l", Path.Combine(_directory, "log"), "-o",
        $"-p {Port} -k {_directory} -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync={(_durable ? "on" : "off")}", "start");

    /// <summary>Starts as what a failover leaves for a while: a standby, which can be read. <c>pg_promote()</c> ends that.</summary>
    public async Task StartAsStandbyAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Data, "standby.signal"), "");
        await StartAsync();
    }

    /// <summary>Drops every connection and stops, as a crash does.</summary>
    public Task StopAsync() => ProgramAsync("pg_ctl", "-D", Data, "-w", "-s", "-m", "immediate", "stop");

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (InvalidOperationException)
        {
            // A test left it stopped.
        }

        Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    private static async Task<string> InitialiseAsync()
    {
        var directory = await NewDirectoryAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        var data = Path.Combine(directory, "data");
        await ProgramAsync("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        return data;
    }

    private static async Task<string> NewDirectoryAsync()
    {
        var directory = Directory.CreateTempSubdirectory("postgres-").FullName;
        if (Environment.UserName == "root")
            await RunAsync("chown", "postgres", directory); // Postgres refuses to run as root.
        return directory;
    }

    private static Task ProgramAsync(string program, params string[] arguments) => AsPostgresAsync($"{Programs}/{program}", arguments);

    private static Task AsPostgresAsync(string program, params string[] arguments) => Environment.UserName == "root"
        ? RunAsync("runuser", ["-u", "postgres", "--", program, .. arguments])
        : RunAsync(program, arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // To a file, not a pipe: the server would inherit the pipe, and its end would never come.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
