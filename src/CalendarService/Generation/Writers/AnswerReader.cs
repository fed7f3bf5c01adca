namespace CalendarService.Generation.Writers;

/// <summary>Turns an AI's answer, as it comes in pieces, into posts in their slots. Slots are ours; the AI only gives words.</summary>
internal sealed class AnswerReader(WritingBrief brief)
{
    private const int MaxBroken = 50;

    private readonly PostSlot[] _slots = [.. PostSlots.Plan(brief)];
    private readonly ChannelFit _fit = new(brief.Channels);
    private readonly AnswerScanner _scanner = new();
    private int _broken;

    public int Posts { get; private set; }

    public bool Full => Posts == _slots.Length;

    /// <summary>A post came for which there is no slot: there is no point in reading on.</summary>
    public bool Overfull { get; private set; }

    /// <exception cref="WriterException">So many lines are broken that this is no answer.</exception>
    public IEnumerable<WriterItem> Feed(string piece)
    {
        foreach (var (line, text) in _scanner.Feed(piece))
        {
            foreach (var item in Read(line, text))
                yield return item;
            if (Overfull)
                yield break;
        }
    }

    /// <summary>The last line needs no line break; what is missing after it is told.</summary>
    /// <exception cref="WriterException">Nothing in the answer was a post.</exception>
    public IEnumerable<WriterItem> End()
    {
        if (Overfull)
            yield break;
        foreach (var item in _scanner.End().SelectMany(rest => Read(rest.Line, rest.Text)))
            yield return item;
        if (Posts == 0)
            throw new WriterException("ai-invalid-answer", "The AI answered, but nothing in its answer was a post.");
        if (!Full)
            yield return new WriterWarning("posts-missing", $"The AI wrote {Posts} of {_slots.Length} posts.");
    }

    private IEnumerable<WriterItem> Read(int number, string text)
    {
        var line = AnswerLine.Read(text);
        if (line.Fault is not null)
        {
            if (++_broken > MaxBroken)
                throw new WriterException("ai-invalid-answer", $"More than {MaxBroken} lines of the AI's answer were not posts.");
            yield return new WriterWarning("line-broken", $"Line {number} of the AI's answer is {line.Fault}; it was left out.");
        }
        else if (line.Written is not null && Full)
        {
            Overfull = true;
            yield return new WriterWarning("posts-extra", $"The AI wrote more than {_slots.Length} posts; the rest was left out.");
        }
        else if (line.Written is { } post)
        {
            foreach (var item in Place(post, _slots[Posts++]))
                yield return item;
        }
    }

    private IEnumerable<WriterItem> Place(AnswerLine.Post post, PostSlot slot)
    {
        var media = _fit.PlaceholderMedia(slot.EntryId);
        var link = _fit.LinkFor(post.Link, media.Count);
        yield return new DraftPost(
            slot.EntryId, slot.ScheduledAt, brief.Timezone, brief.Channels, post.Text, link, media, post.Tags);
        if (link != post.Link)
            yield return new WriterWarning("link-dropped", $"{slot.EntryId}: the link was left out; a channel has no place for it.");
        foreach (var fault in _fit.TextFaults(post.Text, link, media.Count))
            yield return new WriterWarning("over-limit", $"{slot.EntryId}: {fault}.");
    }
}
