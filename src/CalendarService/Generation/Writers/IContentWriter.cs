namespace CalendarService.Generation.Writers;

/// <summary>Turns a brief into posts, one at a time. Two real ones exist: built-in, and an OpenAI-compatible endpoint.</summary>
internal interface IContentWriter
{
    /// <summary>
    /// Posts in the order of their slots, warnings and signs of life in between. Time limits are the caller's, through
    /// <paramref name="cancel"/>.
    /// </summary>
    /// <exception cref="WriterException">The writer cannot go on; what it gave so far stands.</exception>
    IAsyncEnumerable<WriterItem> WriteAsync(WritingBrief brief, CancellationToken cancel);
}
