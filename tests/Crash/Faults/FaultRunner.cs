using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Crash.Postgres;
using Harness;

namespace Crash.Faults;

/// <summary>Carries out a plan. Whatever it breaks is whole again when it returns.</summary>
internal sealed class FaultRunner(CrashOptions options, IReadOnlyList<Replica> replicas, PostgresServer postgres)
{
    private readonly ConcurrentDictionary<FaultKind, int> _injected = new();
    private long _started;

    public IReadOnlyDictionary<FaultKind, int> Injected => _injected;

    /// <param name="cancel">No further fault; the one at work is mended.</param>
    public async Task RunAsync(FaultPlan plan, CancellationToken cancel)
    {
        _started = Stopwatch.GetTimestamp();
        await Task.WhenAll(LaneAsync(plan.Processes, cancel), LaneAsync(plan.Database, cancel));
        foreach (var replica in replicas)
            replica.Proxy.Disarm();
    }

    private async Task LaneAsync(IReadOnlyList<PlannedFault> lane, CancellationToken cancel)
    {
        var kinds = lane.Select(fault => fault.Kind).Distinct().Count();
        foreach (var (index, fault) in lane.Index())
        {
            if (fault.At - Elapsed is { Ticks: > 0 } wait)
                await Task.WhenAny(Task.Delay(wait, cancel));
            // The faults before took longer than planned, or somebody has seen enough.
            if ((index >= kinds && Elapsed >= options.Duration) || cancel.IsCancellationRequested)
                return;
            options.Tell(string.Create(
                CultureInfo.InvariantCulture,
                $"{Elapsed.TotalSeconds,6:0.0} s  {fault.Kind} of replica {fault.Replica} for {fault.Lasting.TotalSeconds:0.0} s"));
            await InjectAsync(fault, replicas[fault.Replica]);
            _injected.AddOrUpdate(fault.Kind, 1, (_, count) => count + 1);
        }
    }

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    private Task InjectAsync(PlannedFault fault, Replica replica) => fault.Kind switch
    {
        FaultKind.Kill => KillAsync(fault, replica),
        FaultKind.Freeze => FreezeAsync(fault, replica),
        FaultKind.KillWhileQueueing => CutOffAsync(fault, replica, () => KillAsync(fault, replica)),
        FaultKind.FullDisk => CutOffAsync(fault, replica, () => FillDiskAsync(fault, replica)),
        FaultKind.Replace => CutOffAsync(fault, replica, () => ReplaceAsync(replica)),
        FaultKind.CrashPostgres => StopPostgresAsync(TimeSpan.Zero),
        FaultKind.StopPostgres => StopPostgresAsync(fault.Lasting),
        FaultKind.LoseReplies => LoseAsync(fault, replica, CommitFault.LostReply),
        FaultKind.LoseCommits => LoseAsync(fault, replica, CommitFault.LostCommit),
        FaultKind.Silence => SilenceAsync(fault, replica),
        _ => ResetAsync(replica),
    };

    private static async Task KillAsync(PlannedFault fault, Replica replica)
    {
        await replica.Process.KillAsync();
        await Task.Delay(fault.Lasting / 3);
        await replica.StartProcessAsync();
    }

    private static async Task FreezeAsync(PlannedFault fault, Replica replica)
    {
        await replica.Process.FreezeAsync();
        await Task.Delay(fault.Lasting + TimeSpan.FromSeconds(0.5));
        await replica.Process.ThawAsync();
    }

    /// <summary>Postgres is out of one replica's reach, and what that comes to while publishes wait on its disk.</summary>
    private static async Task CutOffAsync(PlannedFault fault, Replica replica, Func<Task> act)
    {
        replica.Proxy.Refuse();
        try
        {
            for (var waited = 0; waited < 100 && replica.Segments().Count == 0; waited++)
                await Task.Delay(20);
            await Task.Delay(fault.Lasting / 3);
            await act();
        }
        finally
        {
            replica.Proxy.Accept();
        }
    }

    private static async Task FillDiskAsync(PlannedFault fault, Replica replica)
    {
        var largest = replica.Segments().Select(file => File.Exists(file) ? new FileInfo(file).Length : 0).DefaultIfEmpty(0).Max();
        await replica.Process.LimitFilesAsync(largest + fault.Bytes);
        await Task.Delay(fault.Lasting);
        await replica.Process.LimitFilesAsync(null);
    }

    private static async Task ReplaceAsync(Replica replica)
    {
        var old = replica.Process;
        await replica.StartProcessAsync();
        await old.KillAsync();
    }

    private async Task StopPostgresAsync(TimeSpan pause)
    {
        await postgres.StopAsync();
        await Task.Delay(pause);
        await postgres.StartAsync();
    }

    private static async Task LoseAsync(PlannedFault fault, Replica replica, CommitFault how)
    {
        foreach (var about in (Touched[])[Touched.Intents, Touched.Calendars])
        {
            replica.Proxy.Arm(how, about, 1 + (fault.Bytes % 3));
            await Task.Delay(fault.Lasting / 2);
        }
    }

    private static async Task SilenceAsync(PlannedFault fault, Replica replica)
    {
        replica.Proxy.Silence();
        await Task.Delay(fault.Lasting + TimeSpan.FromSeconds(1));
        replica.Proxy.Speak();
    }

    private static Task ResetAsync(Replica replica)
    {
        replica.Proxy.Reset();
        return Task.CompletedTask;
    }
}
