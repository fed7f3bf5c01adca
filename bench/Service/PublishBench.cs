using System.Collections.Concurrent;
using System.Diagnostics;

namespace ServiceBench;

/// <summary>16 clients that publish calendars of 50 entries, and 16 connections that insert as many rows, in turns.</summary>
internal static class PublishBench
{
    private const int Count = 16;
    private const int Entries = 50;
    private const int Offered = 5_000;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(30);

    private static readonly string[] Several = ["bluesky", "linkedin", "facebook"];

    public static async Task RunAsync(int rounds, int seconds)
    {
        await using var rig = await Rig.StartAsync();
        foreach (var client in Enumerable.Range(0, Count))
        {
            await rig.CreateCalendarAsync($"user-{client}", "one", Entries, "bluesky");
            await rig.CreateCalendarAsync($"user-{client}", "several", Entries, Several);
        }

        var time = TimeSpan.FromSeconds(seconds);
        await using var bare = await BareInserts.OpenAsync(rig.Database, Count, Entries);
        // The runtime takes half a minute under this load to compile what is hot a second and third time.
        await Clients.RunAsync(Count, Warm, client => PublishAsync(rig, client, "one", Entries));
        // The faster way of the two.
        var statements = await Clients.RunAsync(Count, time, bare.StatementAsync);
        var batches = await Clients.RunAsync(Count, time, bare.BatchAsync);
        Func<int, Task<int>> insert = statements.PerSecond > batches.PerSecond ? bare.StatementAsync : bare.BatchAsync;

        var (served, inserted, processor) = (Sample.None, Sample.None, TimeSpan.Zero);
        for (var round = 0; round < rounds; round++)
        {
            var before = rig.Processor();
            served += await Clients.RunAsync(Count, time, client => PublishAsync(rig, client, "one", Entries));
            processor += rig.Processor() - before;
            inserted += await Clients.RunAsync(Count, time, insert);
        }

        var keyed = await Clients.RunAsync(Count, time, client => PublishAsync(rig, client, "one", Entries, keyed: true));
        var several = await Clients.RunAsync(Count, time, client => PublishAsync(rig, client, "several", Entries * Several.Length));
        // In turns too: what the disk does to one of them it does to the other.
        var (paced, pacedBare) = (Sample.None, Sample.None);
        for (var round = 0; round < rounds; round++)
        {
            paced += await PacedAsync(time, client => PublishAsync(rig, client, "one", Entries));
            pacedBare += await PacedAsync(time, insert);
        }

        var calm = await Clients.RunAsync(1, time, client => PublishAsync(rig, client, "one", Entries));
        var rows = await rig.CountAsync("SELECT count(*) FROM publish_intents WHERE user_id <> 'bare'");

        await Clients.WriteAsync(
            $"{rounds} rounds of {seconds} s each, {Count} clients, {Entries} intents a publish, Postgres with fsync; {rows} rows from publishes");
        await Clients.WriteAsync($"{"",-40} {"intents/s",10} {"p50 ms",8} {"p99 ms",8}");
        await RowAsync($"bare loop ({(statements.PerSecond > batches.PerSecond ? "multi-row INSERT" : "NpgsqlBatch")})", inserted);
        await RowAsync("service", served);
        await RowAsync("service, with Idempotency-Key", keyed);
        await RowAsync("service, 3 channels (150 intents)", several);
        await RowAsync($"bare loop, {Count} clients at {Offered} rows/s", pacedBare);
        await RowAsync($"service, {Count} clients at {Offered} intents/s", paced);
        await RowAsync("service, 1 client", calm);
        await Clients.WriteAsync($"processor time of the service {processor.TotalMicroseconds / served.Done:0.0} us an intent");
        await Clients.WriteAsync($"ratio to the bare loop {served.PerSecond / inserted.PerSecond:0.00} (target 0.60 or more)");
        await Clients.WriteAsync(
            $"intents/s {served.PerSecond:0} (target 5,000 or more); p99 of a publish at {Offered} intents/s {paced.Percentile(99):0.0} ms (target under 50)");
    }

    // Without pauses, 16 clients only tell how long their own queue is.
    private static async Task<Sample> PacedAsync(TimeSpan time, Func<int, Task<int>> work)
    {
        var every = TimeSpan.FromSeconds((double)Count * Entries / Offered);
        var due = Enumerable.Range(0, Count).Select(client => every * client / Count).ToArray();
        var started = Stopwatch.GetTimestamp();
        var (times, done) = (new ConcurrentBag<double>(), 0);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(async client =>
        {
            while ((due[client] += every) < time)
            {
                if (due[client] - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
                    await Task.Delay(early);
                var at = Stopwatch.GetElapsedTime(started);
                Interlocked.Add(ref done, await work(client));
                times.Add((Stopwatch.GetElapsedTime(started) - at).TotalMilliseconds);
            }
        }));
        return new(done, Stopwatch.GetElapsedTime(started), [.. times]);
    }

    public static async Task<int> PublishAsync(Rig rig, int client, string calendar, int intents, bool keyed = false, int status = 200)
    {
        (string, string)[] headers = keyed ? [("Idempotency-Key", Guid.NewGuid().ToString())] : [];
        using var answer = await rig.SendAsync(
            HttpMethod.Post, "/api/publish", $"user-{client}", $$"""{"calendarId":"{{calendar}}","dryRun":true}""", headers);
        await answer.Content.CopyToAsync(Stream.Null);
        return (int)answer.StatusCode == status
            ? intents
            : throw new InvalidOperationException(
                $"{(int)answer.StatusCode} instead of {status}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static Task RowAsync(string name, Sample sample) =>
        Clients.WriteAsync($"{name,-40} {sample.PerSecond,10:0} {sample.Percentile(50),8:0.0} {sample.Percentile(99),8:0.0}");
}
