using System.Diagnostics;
using Harness;

namespace ServiceBench;

/// <summary>Publishes while the database is away, and how fast they get into it when it is back.</summary>
internal static class SpoolBench
{
    private const int Count = 16;
    private const int Entries = 50;

    public static async Task RunAsync(int seconds)
    {
        await using var rig = await Rig.StartAsync("Spool:DrainRate=1000000");
        foreach (var client in Enumerable.Range(0, Count))
        {
            await rig.CreateCalendarAsync($"user-{client}", "one", Entries, "bluesky");
            await PublishBench.PublishAsync(rig, client, "one", Entries);
        }

        var before = await rig.CountAsync("SELECT count(*) FROM publish_intents");
        await rig.Postgres.StopAsync();
        // The first requests notice; from then on every one is answered from the spool.
        await Eventually.TrueAsync("publishes are queued", async () =>
        {
            using var answer = await rig.SendAsync(HttpMethod.Post, "/api/publish", "user-0", """{"calendarId":"one"}""");
            return (int)answer.StatusCode == 202;
        });
        await Clients.RunAsync(
            Count, TimeSpan.FromSeconds(2), client => PublishBench.PublishAsync(rig, client, "one", Entries, status: 202));
        var before16 = rig.Processor();
        var queued = await Clients.RunAsync(
            Count, TimeSpan.FromSeconds(seconds), client => PublishBench.PublishAsync(rig, client, "one", Entries, status: 202));
        var before1 = rig.Processor();
        var alone = await Clients.RunAsync(
            1, TimeSpan.FromSeconds(seconds), client => PublishBench.PublishAsync(rig, client, "one", Entries, status: 202));

        var (queuing, queuingAlone) = (before1 - before16, rig.Processor() - before1);
        var depth = await rig.MetricAsync("calendar_spool_depth");
        await rig.Postgres.StartAsync();
        var started = 0L;
        while (await rig.MetricAsync("calendar_spool_depth") is > 0 and var left)
        {
            if (started == 0 && left < depth)
                (started, depth) = (Stopwatch.GetTimestamp(), left); // From when it is under way.
            await Task.Delay(20);
        }

        var drained = depth / Stopwatch.GetElapsedTime(started).TotalSeconds;
        var rows = await rig.CountAsync("SELECT count(*) FROM publish_intents");
        await Clients.WriteAsync(
            $"{seconds} s, {Entries} intents a publish, {rows - before} rows came of it, each acknowledged after an fsync");
        await Clients.WriteAsync($"{"",-34} {"intents/s",10} {"p50 ms",8} {"p99 ms",8}");
        await Clients.WriteAsync(
            $"{$"queued by {Count} clients",-34} {queued.PerSecond,10:0} {queued.Percentile(50),8:0.0} {queued.Percentile(99),8:0.0}");
        await Clients.WriteAsync(
            $"{"queued by 1 client",-34} {alone.PerSecond,10:0} {alone.Percentile(50),8:0.0} {alone.Percentile(99),8:0.0}");
        await Clients.WriteAsync(
            $"processor time of the service {queuing.TotalMicroseconds / queued.Done:0.0} us an intent by {Count} clients, {queuingAlone.TotalMicroseconds / alone.Done:0.0} us by 1");
        await Clients.WriteAsync($"{"drained, Spool:DrainRate=1000000",-34} {drained,10:0}");
        await Clients.WriteAsync(
            $"targets: queued 2,000 or more, drained 5,000 or more. The default Spool:DrainRate is 5,000, so that a database that is back gets no more.");
    }
}
