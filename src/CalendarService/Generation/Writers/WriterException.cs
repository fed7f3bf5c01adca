namespace CalendarService.Generation.Writers;

/// <summary>
/// The writer cannot go on. Code and message are safe for a client; there is no inner exception on purpose,
/// because providers echo parts of the key in theirs.
/// </summary>
/// <param name="code">
/// <c>ai-auth</c>, <c>ai-forbidden</c>, <c>ai-quota</c>, <c>ai-rate-limited</c>, <c>ai-refused</c>, <c>ai-unavailable</c>,
/// <c>ai-rejected</c>, <c>ai-too-long</c>, <c>ai-cut-off</c> or <c>ai-invalid-answer</c>.
/// </param>
internal sealed class WriterException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    /// <summary>When the provider asked to be left alone, for how long.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same call may succeed a moment later.</summary>
    public bool Transient { get; init; } = code is "ai-unavailable" or "ai-rate-limited";
}
