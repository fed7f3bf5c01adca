using CalendarService.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

/// <summary>What the OpenAPI document says of the endpoints of <see cref="CalendarsApi"/>.</summary>
internal static class CalendarReferences
{
    public static readonly OperationReference List = new("The user's calendars, newest first, paged")
    {
        Parameters = [RequestReferences.User, RequestReferences.Cursor, RequestReferences.Limit],
        Answers = [new(200, "A page; nextCursor is null on the last one.") { Body = typeof(Page<CalendarSummary>), Example = PageExample }],
        Problems = [.. RequestReferences.Read, RequestReferences.Validation],
    };

    public static readonly OperationReference Load = new("One calendar with its entries")
    {
        Parameters =
        [
            RequestReferences.User, RequestReferences.CalendarPath,
            ParameterReference.Header("If-None-Match", "An ETag: 304 while nothing changed and no run waits to be applied."),
        ],
        Headers = Headers,
        Answers =
        [
            new(200, "The calendar.") { Body = typeof(Calendar), Example = Example, Headers = [RequestReferences.ETag] },
            new(304, "As If-None-Match says.") { Headers = [RequestReferences.ETag] },
        ],
        Problems = [.. RequestReferences.Read, RequestReferences.CalendarNotFound],
    };

    public static readonly OperationReference Save = new("Saves the whole calendar, or creates it")
    {
        Body = typeof(CalendarBody),
        BodyExample =
            $$"""
            {"title":"Launch of a coffee brand","timezone":"Europe/Berlin","entries":[{{EntryExample}}]}
            """,
        Parameters =
        [
            RequestReferences.User, RequestReferences.CalendarPath, RequestReferences.IfMatch,
            ParameterReference.Header("If-None-Match", "* creates, and only creates: 412 when the calendar is there."),
        ],
        Headers = Headers,
        Answers =
        [
            new(200, "Saved: the calendar.") { Body = typeof(Calendar), Example = Example, Headers = [RequestReferences.ETag] },
            new(201, "Created: the calendar.")
            {
                Body = typeof(Calendar), Headers = [RequestReferences.ETag, new("Location", "The calendar's path.")],
            },
        ],
        Problems =
        [
            .. RequestReferences.Write, .. RequestReferences.Body, RequestReferences.CalendarNotFound, RequestReferences.RunRunning,
            RequestReferences.EntryPublished, RequestReferences.Stale, RequestReferences.IfMatchMissing,
        ],
    };

    public static readonly OperationReference Patch = new("RFC 7396 merge patch of one entry")
    {
        Body = typeof(EntryPatch),
        BodyExample = """{"text":"Open on Saturday from 8.","link":null}""",
        OtherBodyTypes = ["application/merge-patch+json"],
        Parameters =
        [
            RequestReferences.User, RequestReferences.CalendarPath, ParameterReference.Path("entryId", "An entry of the calendar."),
            RequestReferences.IfMatch with { Required = true },
        ],
        Headers = Headers,
        Answers = [new(200, "The entry.") { Body = typeof(Entry), Example = EntryExample, Headers = [RequestReferences.ETag] }],
        Problems =
        [
            .. RequestReferences.Write, .. RequestReferences.Body, RequestReferences.CalendarNotFound, new(404, "entry-not-found"),
            RequestReferences.EntryPublished, RequestReferences.Stale, RequestReferences.IfMatchMissing,
        ],
    };

    public static readonly OperationReference Diff = new("What a run would change in the calendar; changes nothing")
    {
        Body = typeof(DiffBody),
        BodyExample = $$"""{"runId":"{{RunId}}"}""",
        Parameters = [RequestReferences.User, RequestReferences.CalendarPath],
        Headers = Headers,
        Answers =
        [
            new(200, "Changes, and conflicts that apply leaves as they are unless they are accepted.")
            {
                Body = typeof(CalendarDiff),
                Example =
                    """
                    {"baseVersion":2,"changes":[{"entryId":"2099-12-01-1","kind":"changed","field":"text","from":"Opening soon.",
                    "to":"Open on Saturday."}],"conflicts":[{"entryId":"2099-12-02-1","field":"link","base":null,
                    "mine":"https://shop.example/","theirs":"https://shop.example/new"}]}
                    """,
            },
        ],
        Problems =
        [
            .. RequestReferences.Read, .. RequestReferences.Body, RequestReferences.CalendarNotFound, RequestReferences.RunNotFound,
            RequestReferences.RunRunning,
        ],
    };

    public static readonly OperationReference Apply = new("Puts a run into the calendar, in one transaction")
    {
        Body = typeof(ApplyBody),
        BodyExample = $$"""{"runId":"{{RunId}}","accept":[{"entryId":"2099-12-02-1","field":"link"}]}""",
        Parameters = [RequestReferences.User, RequestReferences.CalendarPath, RequestReferences.IfMatch with { Required = true }],
        Headers = Headers,
        Answers = [new(200, "The calendar.") { Body = typeof(Calendar), Example = Example, Headers = [RequestReferences.ETag] }],
        Problems =
        [
            .. RequestReferences.Write, .. RequestReferences.Body, RequestReferences.CalendarNotFound, RequestReferences.RunNotFound,
            RequestReferences.RunRunning, RequestReferences.Stale, RequestReferences.IfMatchMissing,
        ],
    };

    private const string RunId = "019ab4c2-7d1e-7f60-9c55-2f4be1d0a001";

    private const string EntryExample =
        """
        {"entryId":"2099-12-01-1","scheduledAt":"2099-12-01T13:00:00+01:00","timezone":"Europe/Berlin","channels":["linkedin","x"],
        "status":"draft","text":"Open on Saturday.","link":"https://shop.example/","mediaUrls":[],"tags":["coffee"],
        "editedFields":["link"],"version":2}
        """;

    private const string Head =
        $$"""
        "calendarId":"launch","title":"Launch of a coffee brand","timezone":"Europe/Berlin","version":2,
        "latestRunId":"{{RunId}}","updatedAt":"2099-11-21T13:50:21.209Z"
        """;

    private const string PageExample = "{\"items\":[{" + Head + "}],\"nextCursor\":null}";

    private const string Example = "{" + Head + ",\"entries\":[" + EntryExample + "]}";

    private static IReadOnlyList<HeaderReference> Headers => [RequestReferences.CalendarId, RequestReferences.RunId];
}
