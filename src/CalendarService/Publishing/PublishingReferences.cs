using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CalendarService.Channels;
using CalendarService.Intents;
using CalendarService.Requests;
using ServiceDefaults.OpenApi;

namespace CalendarService.Publishing;

/// <summary>The body of a publish, as <see cref="PublishCommand"/> reads it.</summary>
internal sealed record PublishBody(
    string CalendarId,
    [property: Description("a run of this calendar")] string? RunId = null,
    [property: Length(1, PublishCommand.MostEntries), Description("every entry that is not published, unless given")]
    IReadOnlyList<string>? EntryIds = null,
    [property: Description("false is 422 for now; true unless given")] bool? DryRun = true);

/// <summary>What the OpenAPI document says of the endpoints of <see cref="PublishingApi"/>.</summary>
internal static class PublishingReferences
{
    public static readonly OperationReference Publish = new("Makes one intent for each entry and channel")
    {
        Body = typeof(PublishBody),
        BodyExample = """{"calendarId":"launch","entryIds":["2099-12-01-1"],"dryRun":true}""",
        Parameters = [RequestReferences.User, RequestReferences.IdempotencyKey],
        Headers = Headers,
        Answers =
        [
            new(200, "Every intent is committed to the database.") { Body = typeof(PublishAnswer), Example = Example },
            new(202, "The database is away: kept on this node's disk, each intent becomes exactly one row.")
            {
                Body = typeof(PublishAnswer),
            },
            new(207, "Committed, and some or all of the intents failed; error says why.")
            {
                Body = typeof(PublishAnswer),
            },
        ],
        Problems =
        [
            .. RequestReferences.Write, .. RequestReferences.Body, RequestReferences.CalendarNotFound, RequestReferences.RunNotFound,
            new(409, "run-partial"), RequestReferences.EntryPublished, new(422, "channel-auth"),
            RequestReferences.KeyReused, RequestReferences.LivePublish,
            new(503, "spool-unavailable") { Headers = [RequestReferences.NotAccepted, RequestReferences.RetryAfter] },
        ],
    };

    public static readonly OperationReference List = new("The intents, newest first, paged")
    {
        Parameters =
        [
            RequestReferences.User, RequestReferences.Cursor, RequestReferences.Limit,
            ParameterReference.Query("calendarId", "Only those of this calendar."),
        ],
        Headers = [RequestReferences.CalendarId],
        Answers =
        [
            new(200, "A page; nextCursor is null on the last one.")
            {
                Body = typeof(Page<ListedIntent>),
                Example =
                    """
                    {"items":[{"intentId":"019ab4c3-1111-7abc-8def-0123456789ab","calendarId":"launch",
                    "runId":"019ab4c2-7d1e-7f60-9c55-2f4be1d0a001","entryId":"2099-12-01-1","channel":"x","status":"dry_run_ok",
                    "createdAt":"2099-11-21T13:50:21.209Z"}],"nextCursor":null}
                    """,
            },
        ],
        Problems = [.. RequestReferences.Read, RequestReferences.Validation, RequestReferences.CalendarNotFound],
    };

    public static readonly OperationReference Channels = new("Which channels are set up; never a secret")
    {
        Parameters = [RequestReferences.User],
        Answers =
        [
            new(200, "Every known channel.")
            {
                Body = typeof(IReadOnlyList<ChannelStatus>),
                Example =
                    """
                    [{"channel":"linkedin","configured":true,"problem":null},{"channel":"tiktok","configured":false,"problem":"no token"}]
                    """,
            },
        ],
        Problems = RequestReferences.Any,
    };

    private const string Example =
        """
        {"calendarId":"launch","runId":"019ab4c2-7d1e-7f60-9c55-2f4be1d0a001","dryRun":true,"outcome":"ok","intents":[
        {"intentId":"019ab4c3-1111-7abc-8def-0123456789ab","entryId":"2099-12-01-1","channel":"linkedin","status":"dry_run_ok"},
        {"intentId":"019ab4c3-1111-7abc-8def-0123456789ac","entryId":"2099-12-01-1","channel":"x","status":"dry_run_ok"}]}
        """;

    private static IReadOnlyList<HeaderReference> Headers =>
    [
        RequestReferences.CalendarId, RequestReferences.RunId, RequestReferences.Channels,
        new("X-Publish-Outcome", "ok, partial, queued, rejected (4xx) or failed (5xx)."),
    ];
}
