using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CalendarService.Intents;

internal static class IntentStatus
{
    public const string DryRunOk = "dry_run_ok";
    public const string Queued = "queued";
    public const string Failed = "failed";

    public static readonly IReadOnlyList<string> All = [DryRunOk, Queued, Failed];
}

/// <summary>The wish to post one entry on one channel.</summary>
/// <param name="Payload">JSON of what would be sent.</param>
internal sealed record Intent(
    string IntentId, string CalendarId, string? RunId, string UserId, string EntryId, string Channel, string Payload, string Status,
    string? Error, DateTimeOffset CreatedAt)
{
    /// <summary>
    /// As it is when it comes out of the spool: a time that passed while it waited fails, as a publish of it would be refused now. Without
    /// this a backlog of hours would go out at once.
    /// </summary>
    public Intent ReplayedAt(DateTimeOffset now)
    {
        if (Status != IntentStatus.DryRunOk)
            return this;
        var scheduled = JsonSerializer.Deserialize<IntentPayload>(Payload, JsonSerializerOptions.Web)!.ScheduledAt;
        return scheduled >= now ? this : this with
        {
            Status = IntentStatus.Failed,
            Error = string.Create(
                CultureInfo.InvariantCulture,
                $"stale: scheduled at {scheduled:yyyy-MM-dd'T'HH:mm:sszzz}, replayed at {now:yyyy-MM-dd'T'HH:mm:ss'Z'}; "
                + $"publish it with another time"),
        };
    }
}

/// <summary>What would be sent to a channel.</summary>
internal sealed record IntentPayload(
    string EntryId, string Channel, DateTimeOffset ScheduledAt, string Timezone, string Text, string? Link,
    IReadOnlyList<string> MediaUrls, IReadOnlyList<string> Tags, bool DryRun);

/// <summary>An intent in the answer of a publish.</summary>
internal sealed record PublishedIntent(
    string IntentId, string EntryId, string Channel, string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);

/// <param name="Outcome"><c>ok</c>, <c>partial</c> when an intent failed, be it all of them, or <c>queued</c>.</param>
internal sealed record PublishAnswer(
    string CalendarId, string? RunId, bool DryRun, string Outcome, IReadOnlyList<PublishedIntent> Intents)
{
    public const string Ok = "ok";
    public const string Partial = "partial";
    public const string Rejected = "rejected";
    public const string FailedOutcome = "failed";
    public const string Queued = "queued";

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>The answer of intents that are committed.</summary>
    public static PublishAnswer FromCommitted(string calendarId, string? runId, bool dryRun, IReadOnlyList<Intent> intents) => new(
        calendarId, runId, dryRun, intents.Any(intent => intent.Status == IntentStatus.Failed) ? Partial : Ok,
        [.. intents.Select(i => new PublishedIntent(i.IntentId, i.EntryId, i.Channel, i.Status, i.Error))]);

    /// <summary>As it is kept for the next request with the same key.</summary>
    public static string ToJson(PublishAnswer answer) => JsonSerializer.Serialize(answer, Web);

    public static PublishAnswer Parse(string json) => JsonSerializer.Deserialize<PublishAnswer>(json, Web)!;
}

/// <summary>An intent in the list.</summary>
internal sealed record ListedIntent(
    string IntentId, string CalendarId, string? RunId, string EntryId, string Channel, string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error, DateTimeOffset CreatedAt);
