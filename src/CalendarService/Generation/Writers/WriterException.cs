namespace CalendarService.Generation.Writers;

/// <summary>
/// The writer cannot go on. Code and message are safe for a client; there is no inner exception on purpose,
/// because providers echo parts of the key in theirs.
/// </summary>
internal sealed class WriterException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
