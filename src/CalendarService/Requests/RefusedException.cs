namespace CalendarService.Requests;

/// <summary>The request is refused; <see cref="RefusalMiddleware"/> turns it into problem+json.</summary>
/// <param name="detail">A sentence for the caller.</param>
internal sealed class RefusedException(int status, string code, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Faults by camelCase JSON path.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Further members of the problem.</summary>
    public IDictionary<string, object>? Members { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <param name="isAnothers">Another user has one of this name. Only the gateway is told, which then asks nobody else for it.</param>
    public static RefusedException CalendarNotFound(string calendarId, bool isAnothers = false) =>
        new(StatusCodes.Status404NotFound, "calendar-not-found", $"You have no calendar {calendarId}.") { Headers = Of(isAnothers) };

    public static RefusedException CalendarChanging(string calendarId) =>
        new(StatusCodes.Status409Conflict, "calendar-changing", $"Calendar {calendarId} is being saved again and again; try again later.");

    /// <inheritdoc cref="CalendarNotFound"/>
    public static RefusedException RunNotFound(string runId, bool isAnothers = false) =>
        new(StatusCodes.Status404NotFound, "run-not-found", $"You have no run {runId}.") { Headers = Of(isAnothers) };

    public static RefusedException RunRunning(string runId) =>
        new(StatusCodes.Status409Conflict, "run-running", $"Run {runId} is still running; wait for its done, or cancel it.");

    public static RefusedException Invalid(string path, string fault) =>
        new(StatusCodes.Status400BadRequest, "validation", $"{path}: {fault}")
        {
            Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [path] = [fault] },
        };

    public static RefusedException KeyReused() => new(
        StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused",
        "This Idempotency-Key was used with another body. Use a new key for a new request.");

    private static IReadOnlyList<(string Name, string Value)> Of(bool isAnothers) =>
        isAnothers ? [(RefusalMiddleware.NotElsewhere, "true")] : [];
}
