using System.Globalization;
using Crash.Postgres;
using Harness;
using Npgsql;

namespace Crash;

/// <summary>
/// One calendar service with a data folder and a way to Postgres of its own. Its process comes and goes; the clients find the one that
/// there is.
/// </summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly CrashOptions _options;
    private readonly string _database;
    private readonly List<ReplicaProcess> _processes = [];
    private int _started;

    private Replica(CrashOptions options, int number, PostgresServer postgres, string database)
    {
        (_options, Number) = (options, number);
        Proxy = PostgresProxy.Start(postgres.Port);
        Data = Path.Combine(options.Folder, string.Create(CultureInfo.InvariantCulture, $"data-{number}"));
        Directory.CreateDirectory(Data);
        _database = new NpgsqlConnectionStringBuilder(postgres.ConnectionString(database))
        {
            Port = Proxy.Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = 1,
            CommandTimeout = 3,
        }.ConnectionString;
    }

    public int Number { get; }

    public string Data { get; }

    public PostgresProxy Proxy { get; }

    /// <summary>Changes when a process takes the place of another.</summary>
    public ReplicaProcess Process { get; private set; } = null!;

    public static async Task<Replica> StartAsync(CrashOptions options, int number, PostgresServer postgres, string database)
    {
        var replica = new Replica(options, number, postgres, database);
        await replica.StartProcessAsync();
        return replica;
    }

    /// <summary>A process on the same folder, beside the one that there may be; it is the replica's from now on.</summary>
    public async Task StartProcessAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"replica-{Number}-{++_started}");
        var process = await ReplicaProcess.StartAsync(
            _options.Program, Data, Path.Combine(_options.Folder, name + ".log"),
            [
                $"--ConnectionStrings:Calendar={_database}", $"--CALENDAR_DATA_DIR={Data}", "--Store:ProbeInterval=00:00:00.100",
                "--Generation:Lease=00:00:02", "--Generation:AbandonAfter=00:00:05", "--Writer:BuiltIn:Pace=00:00:00.010",
            ]);
        _processes.Add(process);
        Process = process;
    }

    /// <summary>Publishes that wait on its disk.</summary>
    public IReadOnlyList<string> Segments() => Files("*.seg");

    /// <summary>What the service put aside: nothing of ours should be.</summary>
    public IReadOnlyList<string> PutAside() =>
        [.. Files("*")
            .Where(file => file.Contains("/damaged/", StringComparison.Ordinal) || file.Contains("/poison/", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    private IReadOnlyList<string> Files(string pattern)
    {
        try
        {
            var spool = Path.Combine(Data, "spool");
            return Directory.Exists(spool) ? [.. Directory.EnumerateFiles(spool, pattern, SearchOption.AllDirectories)] : [];
        }
        catch (DirectoryNotFoundException)
        {
            return ["(changing)"]; // A folder went while it was looked at.
        }
    }
}
