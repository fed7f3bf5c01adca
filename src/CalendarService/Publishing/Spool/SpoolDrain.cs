using System.Data.Common;
using CalendarService.Intents;
using CalendarService.Requests;
using CalendarService.Storage;
using CalendarService.Telemetry;
using ServiceDefaults.Correlation;

namespace CalendarService.Publishing.Spool;

/// <summary>
/// Puts what waits into the database: in order, not faster than it is told to, and each intent once, however often it is tried.
/// </summary>
internal sealed partial class SpoolDrain(
    Database database, IntentStore intents, IdempotencyStore keys, SpoolIndex index, SpoolReader reader, SpoolQuarantine quarantine,
    SpoolOptions options, SpoolMetrics metrics, CalendarMetrics calendarMetrics, TimeProvider clock, ILogger<SpoolDrain> logger)
{
    private const int MostPerTransaction = 500;

    private readonly int _batch = Math.Min(MostPerTransaction, options.DrainRate);

    /// <summary>Until nothing waits.</summary>
    /// <exception cref="StoreUnavailableException">The database went away again.</exception>
    public async Task DrainAsync(CancellationToken cancel)
    {
        while (index.Next(_batch) is { Count: > 0 } records)
        {
            var (started, now) = (clock.GetTimestamp(), TimestampHandler.Round(clock.GetUtcNow()));
            var batch = records.Select(record => (Record: record, Publish: reader.Read(record)))
                .Where(read => read.Publish is not null).Select(read => new Queued(read.Record, read.Publish!.ReplayedAt(now))).ToList();
            if (batch.Count > 0)
                await ReplayAsync(batch, cancel);
            // Taken out only after the commit: if this process dies before, it is replayed again, which changes nothing.
            foreach (var record in records)
                index.Remove(record);
            var due = TimeSpan.FromSeconds((double)batch.Sum(queued => queued.Publish.Intents.Count) / options.DrainRate);
            if (due - clock.GetElapsedTime(started) is { Ticks: > 0 } rest)
                await Task.Delay(rest, clock, cancel);
        }
    }

    private async Task ReplayAsync(IReadOnlyList<Queued> batch, CancellationToken cancel)
    {
        try
        {
            await InsertAsync([.. batch.Select(queued => queued.Publish)], keysOnly: false, cancel);
        }
        catch (DbException refused) when (database.Dialect.IsRowRefused(refused))
        {
            foreach (var queued in batch)
                await ReplayOneByOneAsync(queued, cancel);
            return;
        }

        foreach (var queued in batch)
            RecordReplayed(queued.Publish, queued.Publish.Intents);
    }

    // Intent by intent, so that the one at fault takes no other with it.
    private async Task ReplayOneByOneAsync(Queued queued, CancellationToken cancel)
    {
        var publish = queued.Publish;
        var (inserted, all) = (new List<Intent>(), new List<Intent>());
        using var scope = LogFieldsFor(publish).Use();
        foreach (var intent in publish.Intents)
        {
            try
            {
                await InsertAsync([publish with { Key = null, Intents = [intent] }], keysOnly: false, cancel);
                inserted.Add(intent);
                all.Add(intent);
            }
            catch (DbException refused) when (database.Dialect.IsRowRefused(refused))
            {
                if (!quarantine.Poison(intent, refused.Message, refused.SqlState))
                    index.Pin(queued.Record);
                all.Add(intent with { Status = IntentStatus.Failed, Error = "the database refused it; it was put aside" });
            }
        }

        await InsertAsync([publish with { Intents = all }], keysOnly: true, cancel);
        RecordReplayed(publish, inserted);
    }

    private Task InsertAsync(IReadOnlyList<QueuedPublish> batch, bool keysOnly, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            // Keys first, as a publish does: in another order the two wait for each other when a retry meets its replay.
            await keys.TakeAsync(
                transaction,
                batch.Where(publish => publish.Key is not null)
                    .Select(publish => (publish.Key!, PublishAnswer.ToJson(publish.Committed()), publish.CreatedAt)),
                cancel);
            if (!keysOnly)
                await intents.InsertAsync(transaction, batch.SelectMany(publish => publish.Intents), cancel);
        },
        cancel);

    private void RecordReplayed(QueuedPublish publish, IReadOnlyList<Intent> inserted)
    {
        using var scope = LogFieldsFor(publish).Use();
        foreach (var intent in inserted)
        {
            metrics.Replayed();
            calendarMetrics.IntentCommitted(intent.Channel, intent.Status);
            LogReplayed(intent.IntentId, intent.EntryId, intent.Channel, intent.Status, intent.RunId, intent.CreatedAt, intent.Error);
        }
    }

    private static RequestFields LogFieldsFor(QueuedPublish publish) => new()
    {
        RequestId = publish.RequestId,
        UserId = publish.UserId,
        CalendarId = publish.CalendarId,
        RunId = publish.RunId,
    };

    [LoggerMessage(
        LogLevel.Information,
        "Intent {IntentId} of {EntryId} on {Channel} replayed: {Status} (run {RunId}, accepted {AcceptedAt:O}, error {Error})")]
    private partial void LogReplayed(
        string intentId, string entryId, string channel, string status, string? runId, DateTimeOffset acceptedAt, string? error);

    private sealed record Queued(SpooledRecord Record, QueuedPublish Publish);
}
