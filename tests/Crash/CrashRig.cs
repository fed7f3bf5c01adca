using System.Diagnostics;
using System.Globalization;
using Crash.Audit;
using Crash.Faults;
using Crash.Ledger;
using Crash.Load;
using Harness;
using Npgsql;

namespace Crash;

/// <summary>Starts everything, breaks it under load, mends it, and compares what was acknowledged with what is there.</summary>
internal static class CrashRig
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(90);

    public static async Task<Verdict> RunAsync(CrashOptions options, CancellationToken cancel)
    {
        await using var postgres = await PostgresServer.StartNewAsync();
        var database = await postgres.CreateDatabaseAsync();
        var replicas = new List<Replica>();
        try
        {
            for (var number = 0; number < options.Replicas; number++)
                replicas.Add(await Replica.StartAsync(options, number, postgres, database));
            return await RunAsync(options, postgres, database, replicas, cancel);
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    private static async Task<Verdict> RunAsync(
        CrashOptions options, PostgresServer postgres, string database, IReadOnlyList<Replica> replicas, CancellationToken cancel)
    {
        var (ledgers, tally, findings) = (new Ledgers(), new Tally(), new Findings());
        var faults = new FaultRunner(options, replicas, postgres);
        var plan = FaultPlan.Of(options.Seed, options.Duration, options.Replicas);

        // 1. Load and faults.
        using (var crowd = new Crowd(options, replicas, ledgers, tally))
        using (var stop = new CancellationTokenSource())
        {
            await crowd.CreateCalendarsAsync();
            var clients = crowd.RunAsync(stop.Token);
            await faults.RunAsync(plan, cancel);
            await stop.CancelAsync();
            options.Tell("mended; the clients finish what they began");
            await clients;
        }

        cancel.ThrowIfCancellationRequested();

        // 2. What waits gets its time; then nobody may write any more.
        await SettleAsync(options, postgres.ConnectionString(database), replicas, findings);

        // 3. Ledger against tables.
        await using var connection = new NpgsqlConnection(postgres.ConnectionString(database));
        var tables = await Tables.ReadAsync(connection);
        new PublishAudit(tables, ledgers.Publishes, findings).Run();
        new EditAudit(tables, ledgers.Edits, findings).Run();
        new RunAudit(tables, ledgers.Runs, findings).Run();
        foreach (var surprise in ledgers.Surprises)
            findings.Add(Wrong.Different, surprise);
        return new(options, tally, faults.Injected, Lost(replicas), findings);
    }

    private static async Task SettleAsync(CrashOptions options, string database, IReadOnlyList<Replica> replicas, Findings findings)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await IsQuietAsync(database, replicas) && Stopwatch.GetElapsedTime(started) < SettlePatience)
            await Task.Delay(50);
        options.Tell(
            string.Create(CultureInfo.InvariantCulture, $"quiet after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s; comparing"));
        foreach (var replica in replicas)
            await replica.Process.StopAsync();
        foreach (var replica in replicas)
        {
            foreach (var file in replica.Segments())
                findings.Add(Wrong.Lost, $"still waits in the spool of replica {replica.Number}: {file}");
            foreach (var file in replica.PutAside())
                findings.Add(Wrong.Different, $"put aside by replica {replica.Number}: {file}");
        }
    }

    private static async Task<bool> IsQuietAsync(string database, IReadOnlyList<Replica> replicas)
    {
        if (replicas.Any(replica => replica.Segments().Count > 0))
            return false;
        try
        {
            await using var connection = new NpgsqlConnection(database);
            await connection.OpenAsync();
            await using var running = new NpgsqlCommand("SELECT count(*) FROM runs WHERE status = 'running'", connection);
            return await running.ExecuteScalarAsync() is 0L;
        }
        catch (NpgsqlException)
        {
            return false; // A pooled session from before a restart.
        }
    }

    private static string Lost(IReadOnlyList<Replica> replicas) => string.Create(
        CultureInfo.InvariantCulture,
        $"commits lost on the wire: {replicas.Sum(replica => replica.Proxy.Struck(Postgres.CommitFault.LostReply))} after Postgres had committed, "
        + $"{replicas.Sum(replica => replica.Proxy.Struck(Postgres.CommitFault.LostCommit))} before");
}
