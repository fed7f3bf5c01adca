using ServiceDefaults.OpenApi;

namespace CalendarService.Requests;

/// <summary>What several endpoints say of themselves in the OpenAPI document.</summary>
internal static class RequestReferences
{
    public static readonly HeaderReference CalendarId = new("X-Calendar-Id", "The calendar that the request was about.");
    public static readonly HeaderReference RunId = new("X-Run-Id", "The run that the request was about.");
    public static readonly HeaderReference Channels = new("X-Channels", "The channels that the request was about, with commas.");
    public static readonly HeaderReference ETag = new("ETag", "The calendar's version in quotes; none while a first run fills it.");

    public static readonly HeaderReference NotElsewhere = new(
        "X-Not-Elsewhere", "true, of a read: another user has it, so nobody else is to be asked. The gateway takes it off.");

    public static readonly ParameterReference User = ParameterReference.Header(
        "X-User-Id", "Who asks: 1 to 256 characters without controls. The gateway sets it, and replaces what a client sends.")
        with { Required = true };

    public static readonly ParameterReference CalendarPath = ParameterReference.Path(
        "calendarId", "1 to 64 of A-Za-z0-9._-, not . or ..; unique to its user.");

    public static readonly ParameterReference RunPath = ParameterReference.Path("runId", "As meta and done of the stream name it.");

    public static readonly ParameterReference IfMatch = ParameterReference.Header(
        "If-Match", "The calendar's ETag as it was loaded, or *. 428 without, 412 when somebody saved in between.");

    public static readonly ParameterReference IdempotencyKey = ParameterReference.Header(
        "Idempotency-Key", "1 to 255 printable ASCII characters. The same key with the same request gets the same answer, for ever.");

    public static readonly ParameterReference Cursor = ParameterReference.Query("cursor", "nextCursor of the page before.");
    public static readonly ParameterReference Limit = ParameterReference.Query("limit", "1 to 200; 50 unless given.");

    public static readonly ProblemReference Validation = new(400, "validation");
    public static readonly ProblemReference CalendarNotFound = new(404, "calendar-not-found") { Headers = [NotElsewhere] };
    public static readonly ProblemReference RunNotFound = new(404, "run-not-found") { Headers = [NotElsewhere] };
    public static readonly ProblemReference RunRunning = new(409, "run-running");
    public static readonly ProblemReference EntryPublished = new(409, "entry-published");
    public static readonly ProblemReference Stale = new(412, "precondition-failed") { Headers = [ETag] };
    public static readonly ProblemReference IfMatchMissing = new(428, "precondition-required");
    public static readonly ProblemReference KeyReused = new(422, "idempotency-key-reused");
    public static readonly ProblemReference LivePublish = new(422, "live-publish-unavailable");

    public static readonly HeaderReference NotAccepted = new("X-Not-Accepted", "true: nothing was done, so somebody else may be asked.");
    public static readonly HeaderReference RetryAfter = new("Retry-After", "Seconds until it is worth asking again.");

    public static readonly ProblemReference StoreUnavailable = new(503, "store-unavailable") { Headers = [NotAccepted, RetryAfter] };
    public static readonly ProblemReference OutcomeUnknown = new(503, "outcome-unknown") { Headers = [RetryAfter] };

    /// <summary>Of every endpoint that has a user.</summary>
    public static readonly IReadOnlyList<ProblemReference> Any = [new(401, "user-missing"), new(500, "internal-server-error")];

    /// <summary>Of every endpoint that reads.</summary>
    public static readonly IReadOnlyList<ProblemReference> Read = [.. Any, StoreUnavailable];

    /// <summary>Of every endpoint that writes.</summary>
    public static readonly IReadOnlyList<ProblemReference> Write = [.. Read, OutcomeUnknown];

    /// <summary>Of every endpoint that reads a body.</summary>
    public static readonly IReadOnlyList<ProblemReference> Body =
    [
        Validation, new(400, "malformed-json"), new(400, "bad-request"), new(408, "request-timeout"),
        new(413, "payload-too-large"),
        new(415, "unsupported-media-type") { Headers = [new("Accept-Encoding", "identity: send the body without an encoding.")] },
    ];
}
