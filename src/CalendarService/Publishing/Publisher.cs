using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CalendarService.Calendars;
using CalendarService.Channels;
using CalendarService.Identity;
using CalendarService.Intents;
using CalendarService.Publishing.Spool;
using CalendarService.Requests;
using CalendarService.Storage;
using CalendarService.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Correlation;
using ServiceDefaults.Wire;

namespace CalendarService.Publishing;

/// <summary>
/// Publishes entries: checks everything that can be checked, asks each channel what it would refuse, and commits one
/// intent per (entry, channel) in one transaction, or leaves them to the spool while the database is away.
/// </summary>
internal sealed partial class Publisher(
    Database database, KnownCalendars known, IntentStore intents, SpoolWriter spool, SpoolReader waiting, ChannelRegistry channels,
    CalendarMetrics metrics, TimeProvider clock, ILogger<Publisher> logger)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <exception cref="RefusedException">Nothing was written.</exception>
    public async Task<PublishAnswer> PublishAsync(HttpContext context, string userId, PublishCommand command)
    {
        var key = IdempotencyKey.From(context, userId, "publish", command);
        if (!command.DryRun)
        {
            throw new RefusedException(
                StatusCodes.Status422UnprocessableEntity, "live-publish-unavailable",
                "Live publishing is not available; send dryRun: true.");
        }

        // What waits here under the same key is answered again until the database has it.
        if (key is not null && waiting.Find(key) is { } queued)
            return RepeatAnswer(context, queued.Queued());
        var (earlier, plan) = await PlanAsync(userId, command, key, context.RequestAborted);
        if (earlier is not null)
            return RepeatAnswer(context, PublishAnswer.Parse(earlier));

        context.TagRun(plan!.RunId);
        context.TagChannels(plan.Entries.SelectMany(entry => entry.Entry.Channels));
        CheckAuth(context, plan);
        var made = CreateIntents(userId, command, plan, key);
        var fresh = PublishAnswer.FromCommitted(command.CalendarId, plan.RunId, command.DryRun, made);
        try
        {
            if (await CommitAsync(made, fresh, key, context.RequestAborted) is { } answered)
                return RepeatAnswer(context, PublishAnswer.Parse(answered));
        }
        catch (StoreUnavailableException away)
        {
            // Also when the commit may have happened: the ids are fixed, so that replaying it changes nothing then.
            var publish = new QueuedPublish(
                context.Features.GetRequiredFeature<RequestFields>().RequestId, userId, command.CalendarId, plan.RunId, command.DryRun, key,
                TimestampHandler.Round(clock.GetUtcNow()), made);
            return await QueueAsync(context, publish, away);
        }

        RecordIntents(made, intent => intent.Status);
        return fresh;
    }

    private async Task<(string? Earlier, PublishPlan? Plan)> PlanAsync(
        string userId, PublishCommand command, IdempotencyKey? key, CancellationToken cancel)
    {
        try
        {
            // One moment: a run that ends between reading its entries and reading its end would pass for whole.
            return await database.SnapshotAsync(
                $"{IdempotencyKey.Select}; {KnownCalendars.Selects}",
                new { userId, calendarId = command.CalendarId, scope = key?.Scope, key = key?.Key },
                async results => await IdempotencyKey.AnswerAsync(results, key) is { } answer
                    ? (answer, null)
                    : ((string?)null, PublishPlan.Decide(
                        await known.ReadAsync(results, userId) ?? throw RefusedException.CalendarNotFound(command.CalendarId), command)),
                cancel);
        }
        catch (StoreUnavailableException) when (
            known.Find(userId, command.CalendarId) is { } calendar && calendar.Covers(command.RunId, command.EntryIds))
        {
            return (null, PublishPlan.Decide(known.Find(userId, command.CalendarId)!, command));
        }
    }

    private async Task<PublishAnswer> QueueAsync(HttpContext context, QueuedPublish publish, StoreUnavailableException away)
    {
        switch (await spool.AppendAsync(publish))
        {
            case SpoolOutcome.Kept:
                RecordIntents(publish.Intents, _ => IntentStatus.Queued);
                return publish.Queued();
            case SpoolOutcome.Waiting:
                return RepeatAnswer(context, (waiting.Find(publish.Key!) ?? publish).Queued());
            case SpoolOutcome.Refused when away.NothingWritten:
                throw new RefusedException(
                    StatusCodes.Status503ServiceUnavailable, "spool-unavailable",
                    "The calendar database is away, and this node cannot keep the publish for it. Nothing was accepted; try again.")
                {
                    Headers = [(RefusalMiddleware.NotAccepted, "true"), ("Retry-After", "5")],
                };
            default:
                throw new StoreUnavailableException(nothingWritten: false, away);
        }
    }

    private void RecordIntents(IReadOnlyList<Intent> made, Func<Intent, string> status)
    {
        foreach (var intent in made)
        {
            metrics.IntentCommitted(intent.Channel, status(intent));
            LogIntent(intent.IntentId, intent.EntryId, intent.Channel, status(intent), intent.RunId, intent.Error);
        }
    }

    // Every channel before anything is written or any adapter is asked.
    private void CheckAuth(HttpContext context, PublishPlan plan)
    {
        var faults = channels.CheckAuth(plan.Entries.SelectMany(entry => entry.Entry.Channels).Distinct().Order(StringComparer.Ordinal));
        if (faults.Count == 0)
            return;
        context.TagChannels(faults.Select(fault => fault.Channel));
        foreach (var fault in faults)
        {
            metrics.ChannelAuthFailed(fault.Channel, fault.Reason.ToLabel());
            LogAuth(fault.Channel, fault.Reason.ToLabel(), "rejected");
        }

        throw new RefusedException(
            StatusCodes.Status422UnprocessableEntity, "channel-auth",
            $"Not authorised to post on {string.Join(", ", faults.Select(fault => fault.Channel))}. Nothing was published.")
        {
            Members = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["channels"] = faults.Select(fault => new { channel = fault.Channel, reason = fault.Reason.ToLabel() }).ToArray(),
            },
        };
    }

    private IReadOnlyList<Intent> CreateIntents(string userId, PublishCommand command, PublishPlan plan, IdempotencyKey? key)
    {
        var now = TimestampHandler.Round(clock.GetUtcNow());
        return
        [
            .. from stored in plan.Entries
            from channel in stored.Entry.Channels
            let verdict = channels.Check(channel, stored.Entry, now)
            select new Intent(
                CreateId(key, command.CalendarId, stored.Entry.EntryId, channel), command.CalendarId, command.RunId ?? stored.RunId, userId,
                stored.Entry.EntryId, channel, SerializePayload(stored.Entry, channel),
                verdict.Accepted ? IntentStatus.DryRunOk : IntentStatus.Failed, verdict.Error, now),
        ];
    }

    /// <returns>What was answered to the same key earlier, if somebody was first.</returns>
    private async Task<string?> CommitAsync(
        IReadOnlyList<Intent> made, PublishAnswer answer, IdempotencyKey? key, CancellationToken cancel)
    {
        if (key is null && made.Count > 0 && intents.IsOneStatement(made.Count))
        {
            await database.WriteAloneAsync(connection => intents.InsertAloneAsync(connection, made), cancel);
            return null;
        }

        return await database.WriteAsync(
            async transaction =>
            {
                if (key is not null
                    && !await key.TryTakeAsync(transaction, PublishAnswer.ToJson(answer), TimestampHandler.Round(clock.GetUtcNow())))
                    return await key.AnswerAsync(transaction.Connection!, transaction);
                await intents.InsertAsync(transaction, made, cancel);
                return null;
            },
            cancel);
    }

    private static PublishAnswer RepeatAnswer(HttpContext context, PublishAnswer answer)
    {
        context.TagRun(answer.RunId);
        context.TagChannels(answer.Intents.Select(intent => intent.Channel));
        return answer;
    }

    // With a key the id follows from what was asked, so that no retry on any path can make a second row. The calendar is part of it: during
    // an outage no node can know that another one has the key with another calendar, and both promises have to be kept.
    private static string CreateId(IdempotencyKey? key, string calendarId, string entryId, string channel)
    {
        if (key is null)
            return Guid.CreateVersion7().ToString();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', key.UserId, key.Key, calendarId, entryId, channel)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // RFC 9562, version 8: custom
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString();
    }

    private static string SerializePayload(Entry entry, string channel) => JsonSerializer.Serialize(
        new IntentPayload(
            entry.EntryId, channel, entry.ScheduledAt, entry.Timezone, entry.Text, entry.Link, entry.MediaUrls, entry.Tags, DryRun: true),
        Json);

    [LoggerMessage(LogLevel.Information, "Intent {IntentId} of {EntryId} on {Channel}: {Status} (run {RunId}, error {Error})")]
    private partial void LogIntent(string intentId, string entryId, string channel, string status, string? runId, string? error);

    [LoggerMessage(LogLevel.Warning, "Channel {Channel} cannot be published to, its auth is {Reason}: {Status}")]
    private partial void LogAuth(string channel, string reason, string status);
}
