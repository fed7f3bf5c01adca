using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CalendarService.Calendars;
using CalendarService.Channels;
using CalendarService.Generation;
using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Storage;
using CalendarService.Telemetry;
using ServiceDefaults.Wire;

namespace CalendarService.Publishing;

/// <summary>
/// Publishes entries: checks everything that can be checked, asks each channel what it would refuse, and
/// commits one intent per (entry, channel) in one transaction.
/// </summary>
internal sealed partial class Publisher(
    Database database, CalendarStore calendars, RunStore runs, IntentStore intents, ChannelRegistry channels,
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

        var (known, plan) = await database.ReadAsync(
            async connection => key is not null && await key.AnswerAsync(connection) is { } answer
                ? (answer, null)
                : ((string?)null, await PlanAsync(connection, userId, command)),
            context.RequestAborted);
        if (known is not null)
            return Again(context, known);

        context.TagRun(plan!.RunId);
        context.TagChannels(plan.Entries.SelectMany(entry => entry.Entry.Channels));
        CheckAuth(context, plan);
        var made = Make(userId, command, plan, key);
        var fresh = Answer(command, plan, made);
        if (await CommitAsync(made, fresh, key, context.RequestAborted) is { } earlier)
            return Again(context, earlier);

        foreach (var intent in made)
        {
            metrics.IntentCommitted(intent.Channel, intent.Status);
            LogIntent(intent.IntentId, intent.EntryId, intent.Channel, intent.Status, intent.RunId, intent.Error);
        }

        return fresh;
    }

    private async Task<Plan> PlanAsync(DbConnection connection, string userId, PublishCommand command)
    {
        if (await calendars.HeadAsync(connection, userId, command.CalendarId) is not { } head)
            throw RefusedException.CalendarNotFound(command.CalendarId);
        if (command.RunId is { } runId
            && (await runs.FindAsync(connection, userId, runId) is not { } run || run.CalendarId != command.CalendarId))
            throw RefusedException.RunNotFound(runId);

        var stored = (await calendars.StoredAsync(connection, userId, command.CalendarId)).Where(entry => entry.IsLive)
            .ToDictionary(entry => entry.Entry.EntryId, StringComparer.Ordinal);
        var entries = Select(command, stored);
        var involved = entries.Select(entry => entry.RunId).Append(command.RunId).OfType<string>().Distinct();
        if (await runs.PartialAsync(connection, userId, involved) is [var partial, ..])
        {
            throw new RefusedException(
                StatusCodes.Status409Conflict, "run-partial",
                $"Run {partial} ended early or still runs; what it generated is incomplete and is not published. "
                + "Generate again and apply the new run.");
        }

        return new(command.RunId ?? head.LatestRunId, entries);
    }

    private static IReadOnlyList<StoredEntry> Select(PublishCommand command, Dictionary<string, StoredEntry> stored)
    {
        if (command.EntryIds is null)
        {
            return
            [
                .. stored.Values.Where(entry => !entry.IsPublished)
                    .OrderBy(entry => entry.Entry.ScheduledAt).ThenBy(entry => entry.Entry.EntryId, StringComparer.Ordinal),
            ];
        }

        var unknown = command.EntryIds.Select((id, index) => (id, index)).Where(e => !stored.ContainsKey(e.id)).ToList();
        if (unknown.Count > 0)
        {
            throw new RefusedException(
                StatusCodes.Status400BadRequest, "validation",
                $"The calendar has no entry {string.Join(", ", unknown.Take(10).Select(e => e.id))}.")
            {
                Errors = unknown.Take(100).ToDictionary(e => $"entryIds[{e.index}]", e => new[] { $"no entry {e.id}" }),
            };
        }

        foreach (var entryId in command.EntryIds.Where(id => stored[id].IsPublished))
        {
            throw new RefusedException(
                StatusCodes.Status409Conflict, "entry-published", $"Entry {entryId} is published already.");
        }

        return [.. command.EntryIds.Select(id => stored[id])];
    }

    // Every channel before anything is written or any adapter is asked.
    private void CheckAuth(HttpContext context, Plan plan)
    {
        var faults = channels.CheckAuth(plan.Entries.SelectMany(entry => entry.Entry.Channels).Distinct().Order(StringComparer.Ordinal));
        if (faults.Count == 0)
            return;
        context.TagChannels(faults.Select(fault => fault.Channel));
        foreach (var fault in faults)
        {
            metrics.ChannelAuthFailed(fault);
            LogAuth(fault.Channel, CalendarMetrics.Word(fault.Reason), "rejected");
        }

        throw new RefusedException(
            StatusCodes.Status422UnprocessableEntity, "channel-auth",
            $"Not authorised to post on {string.Join(", ", faults.Select(fault => fault.Channel))}. Nothing was published.")
        {
            Members = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["channels"] = faults.Select(fault => new { channel = fault.Channel, reason = CalendarMetrics.Word(fault.Reason) }).ToArray(),
            },
        };
    }

    private IReadOnlyList<Intent> Make(string userId, PublishCommand command, Plan plan, IdempotencyKey? key)
    {
        var now = TimestampHandler.Round(clock.GetUtcNow());
        return
        [
            .. from stored in plan.Entries
            from channel in stored.Entry.Channels
            let verdict = channels.Check(channel, stored.Entry, now)
            select new Intent(
                IdOf(key, stored.Entry.EntryId, channel), command.CalendarId, command.RunId ?? stored.RunId, userId,
                stored.Entry.EntryId, channel, PayloadOf(stored.Entry, channel),
                verdict.Accepted ? IntentStatus.DryRunOk : IntentStatus.Failed, verdict.Error, now),
        ];
    }

    /// <returns>What was answered to the same key earlier, if somebody was first.</returns>
    private async Task<string?> CommitAsync(
        IReadOnlyList<Intent> made, PublishAnswer answer, IdempotencyKey? key, CancellationToken cancel) =>
        await database.WriteAsync(
            async transaction =>
            {
                if (key is not null
                    && !await key.TryTakeAsync(transaction, JsonSerializer.Serialize(answer, Json), TimestampHandler.Round(clock.GetUtcNow())))
                    return await key.AnswerAsync(transaction.Connection!, transaction);
                await intents.InsertAsync(transaction, made, cancel);
                return null;
            },
            cancel);

    private static PublishAnswer Answer(PublishCommand command, Plan plan, IReadOnlyList<Intent> made) => new(
        command.CalendarId, plan.RunId, command.DryRun,
        made.Any(intent => intent.Status == IntentStatus.Failed) ? PublishAnswer.Partial : PublishAnswer.Ok,
        [.. made.Select(i => new PublishedIntent(i.IntentId, i.EntryId, i.Channel, i.Status, i.Error))]);

    private static PublishAnswer Again(HttpContext context, string stored)
    {
        var answer = JsonSerializer.Deserialize<PublishAnswer>(stored, Json)!;
        context.TagRun(answer.RunId);
        context.TagChannels(answer.Intents.Select(intent => intent.Channel));
        return answer;
    }

    // With a key the id follows from what was asked, so that no retry on any path can make a second row.
    private static string IdOf(IdempotencyKey? key, string entryId, string channel)
    {
        if (key is null)
            return Guid.CreateVersion7().ToString();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', key.UserId, key.Key, entryId, channel)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // RFC 9562, version 8: custom
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString();
    }

    private static string PayloadOf(Entry entry, string channel) => JsonSerializer.Serialize(
        new IntentPayload(
            entry.EntryId, channel, entry.ScheduledAt, entry.Timezone, entry.Text, entry.Link, entry.MediaUrls, entry.Tags, DryRun: true),
        Json);

    [LoggerMessage(LogLevel.Information, "Intent {IntentId} of {EntryId} on {Channel}: {Status} (run {RunId}, error {Error})")]
    private partial void LogIntent(string intentId, string entryId, string channel, string status, string? runId, string? error);

    [LoggerMessage(LogLevel.Warning, "Channel {Channel} cannot be published to, its auth is {Reason}: {Status}")]
    private partial void LogAuth(string channel, string reason, string status);

    private sealed record Plan(string? RunId, IReadOnlyList<StoredEntry> Entries);
}
