using System.Text;

namespace CalendarService.Generation.Writers;

/// <summary>Turns an AI's answer, as it comes in pieces, into posts in their slots. Slots are ours; the AI only gives words.</summary>
internal sealed class AnswerReader(WritingBrief brief)
{
    private const int MaxLine = 64 * 1024;
    private const int MaxBroken = 50;

    private readonly PostSlot[] _slots = [.. PostSlots.Of(brief)];
    private readonly ChannelFit _fit = new(brief.Channels);
    private readonly StringBuilder _line = new();
    private int _lines;
    private int _broken;

    public int Posts { get; private set; }

    public bool Full => Posts == _slots.Length;

    /// <summary>A post came for which there is no slot: there is no point in reading on.</summary>
    public bool Overfull { get; private set; }

    /// <exception cref="WriterException">So many lines are broken that this is no answer.</exception>
    public IEnumerable<WriterItem> Feed(string piece)
    {
        var from = 0;
        for (var end = piece.IndexOf('\n'); end >= 0 && !Overfull; end = piece.IndexOf('\n', from))
        {
            Append(piece.AsSpan(from, end - from));
            foreach (var item in EndLine())
                yield return item;
            from = end + 1;
        }

        Append(piece.AsSpan(from));
    }

    /// <summary>The last line needs no line break; what is missing after it is told.</summary>
    /// <exception cref="WriterException">Nothing in the answer was a post.</exception>
    public IEnumerable<WriterItem> End()
    {
        if (Overfull)
            yield break;
        foreach (var item in EndLine())
            yield return item;
        if (Posts == 0)
            throw new WriterException("ai-invalid-answer", "The AI answered, but nothing in its answer was a post.");
        if (!Full)
            yield return new WriterWarning("posts-missing", $"The AI wrote {Posts} of {_slots.Length} posts.");
    }

    // Beyond the limit a line is broken whatever follows, and need not be remembered.
    private void Append(ReadOnlySpan<char> piece) => _line.Append(piece[..Math.Min(piece.Length, MaxLine - _line.Length)]);

    private IEnumerable<WriterItem> EndLine()
    {
        _lines++;
        var line = AnswerLine.Read(_line.ToString());
        _line.Clear();
        if (line.Fault is not null)
        {
            if (++_broken > MaxBroken)
                throw new WriterException("ai-invalid-answer", $"More than {MaxBroken} lines of the AI's answer were not posts.");
            yield return new WriterWarning("line-broken", $"Line {_lines} of the AI's answer is {line.Fault}; it was left out.");
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
