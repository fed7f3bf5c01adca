using System.Text.Json;
using CalendarService.Intents;
using CalendarService.Requests;

namespace CalendarService.Publishing.Spool;

/// <summary>One accepted publish, as it waits on disk: whole, so that it is kept whole or not at all.</summary>
/// <param name="RunId">The one of the answer.</param>
/// <param name="Intents">
/// With the ids and times that their rows will have, and the statuses, unless their time passes while they wait.
/// </param>
internal sealed record QueuedPublish(
    string RequestId, string UserId, string CalendarId, string? RunId, bool DryRun, IdempotencyKey? Key, DateTimeOffset CreatedAt,
    IReadOnlyList<Intent> Intents)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="JsonException">Not one of ours.</exception>
    public static QueuedPublish Parse(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<QueuedPublish>(bytes, Json) ?? throw new JsonException("null is not a publish");

    /// <summary>As its rows will say, if they come now.</summary>
    public QueuedPublish ReplayedAt(DateTimeOffset now) => this with { Intents = [.. Intents.Select(intent => intent.ReplayedAt(now))] };

    /// <summary>The answer while it waits.</summary>
    public PublishAnswer Queued() => new(
        CalendarId, RunId, DryRun, PublishAnswer.Queued,
        [.. Intents.Select(i => new PublishedIntent(i.IntentId, i.EntryId, i.Channel, IntentStatus.Queued, null))]);

    /// <summary>The answer once its rows are there: to the same key, later.</summary>
    public PublishAnswer Committed() => PublishAnswer.FromCommitted(CalendarId, RunId, DryRun, Intents);
}
