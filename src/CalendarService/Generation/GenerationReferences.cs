using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CalendarService.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Wire;

namespace CalendarService.Generation;

/// <summary>The body of a generation, as <see cref="GenerateForm"/> reads it.</summary>
internal sealed record GenerateBody(
    [property: Description("what to write about; as long as Limits:BriefLength allows")] string Brief,
    [property: Description("from 2000-01-01 to 2199-12-31")] DateOnly StartDate,
    [property: Range(1, GenerateForm.MostDays)] int Days,
    [property: Range(1, GenerateForm.MostPostsPerDay)] int PostsPerDay,
    [property: Length(1, 10), Description("known channels, none twice")] IReadOnlyList<string> Channels,
    [property: Description("an IANA zone")] string Timezone,
    [property: Description("of a new calendar, or of one that the run is for; made up unless given")] string? CalendarId = null);

/// <summary>The data of the events of a stream, by the name of the event.</summary>
internal sealed record StreamEvents(MetaFrame Meta, EntryEvent Entry, WarningFrame Warning, ErrorFrame Error, DoneFrame Done);

/// <summary><see cref="EntryFrame"/> as it is sent.</summary>
internal sealed record EntryEvent(
    string Type, long Seq, Entry Entry,
    [property: Description("false when the database did not have it when it was sent; else left out")] bool Saved = true);

/// <summary>What the OpenAPI document says of the endpoints of <see cref="GenerationApi"/>.</summary>
internal static class GenerationReferences
{
    private const string Ids =
        "\"calendarId\":\"launch\",\"runId\":\"019ab4c2-7d1e-7f60-9c55-2f4be1d0a001\","
        + "\"requestId\":\"019ab4c2-7d1e-7f60-9c55-2f4be1d0a000\"";

    private const string Entry =
        "{\"entryId\":\"2099-12-01-1\",\"scheduledAt\":\"2099-12-01T13:00:00+01:00\",\"timezone\":\"Europe/Berlin\","
        + "\"channels\":[\"linkedin\",\"x\"],\"status\":\"draft\",\"text\":\"Open on Saturday.\",\"link\":null,\"mediaUrls\":[],"
        + "\"tags\":[\"coffee\"],\"editedFields\":[],\"version\":1}";

    public static readonly OperationReference Generate = new("Starts a run and streams it; it goes on when its reader leaves")
    {
        Body = typeof(GenerateBody),
        BodyExample =
            """
            {"calendarId":"launch","brief":"Launch of a coffee brand","startDate":"2099-12-01","days":2,"postsPerDay":1,
            "channels":["linkedin","x"],"timezone":"Europe/Berlin"}
            """,
        Parameters = [RequestReferences.User, RequestReferences.IdempotencyKey],
        Headers = Headers,
        Answers = [Stream],
        Problems =
        [
            .. RequestReferences.Write, .. RequestReferences.Body, RequestReferences.KeyReused,
            new(503, "too-many-runs") { Headers = [RequestReferences.NotAccepted, RequestReferences.RetryAfter] },
        ],
    };

    public static readonly OperationReference Follow = new("Replays and follows a run")
    {
        Parameters =
        [
            RequestReferences.User, RequestReferences.RunPath,
            ParameterReference.Header("Last-Event-ID", "The last id that was seen; what follows is sent."),
            ParameterReference.Query("lastEventId", "The same for clients that cannot set headers; Last-Event-ID works too."),
        ],
        Headers = Headers,
        Answers = [Stream, new(204, "There is nothing left to send.")],
        Problems = [.. RequestReferences.Read, RequestReferences.Validation, RequestReferences.RunNotFound],
    };

    public static readonly OperationReference Cancel = new("Stops a run; what was generated stays")
    {
        Parameters = [RequestReferences.User, RequestReferences.RunPath],
        Headers = Headers,
        Answers =
        [
            new(200, "It has ended.")
            {
                Body = typeof(RunSummary),
                Example =
                    """
                    {"runId":"019ab4c2-7d1e-7f60-9c55-2f4be1d0a001","calendarId":"launch","status":"cancelled","partial":true,
                    "entries":1,"message":"Stopped on request."}
                    """,
            },
            new(202, "It has not stopped after 5 seconds; status is running.") { Body = typeof(RunSummary) },
        ],
        Problems = [.. RequestReferences.Write, RequestReferences.RunNotFound],
    };

    private static AnswerReference Stream => new(200, "The frames of the run, from the first one or from behind Last-Event-ID.")
    {
        Body = typeof(StreamEvents), BodyType = "text/event-stream", Headers =
        [
            new("Cache-Control", "no-cache, no-transform"), new("X-Accel-Buffering", "no"),
        ],
        Example = string.Join('\n', [
            "id: 1", "event: meta", "data: {\"type\":\"meta\",\"seq\":1," + Ids + ",\"dryRun\":false}", "",
            "id: 2", "event: entry", "data: {\"type\":\"entry\",\"seq\":2,\"entry\":" + Entry + "}", "",
            "id: 3", "event: warning",
            "data: {\"type\":\"warning\",\"seq\":3,\"code\":\"posts-missing\",\"message\":\"1 of 2 posts are missing.\"}", "",
            "id: 4", "event: done",
            "data: {\"type\":\"done\",\"seq\":4,\"finishReason\":\"complete\",\"partial\":true,\"message\":null,\"entries\":1,"
            + Ids + ",\"elapsedMs\":812,\"dryRun\":false}", "", "",
        ]),
    };

    private static IReadOnlyList<HeaderReference> Headers =>
        [RequestReferences.CalendarId, RequestReferences.RunId, RequestReferences.Channels];
}
