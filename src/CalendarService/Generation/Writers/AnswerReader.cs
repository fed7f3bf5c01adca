using System.Text.RegularExpressions;

namespace CalendarService.Generation.Writers;

/// <summary>
/// Turns an AI's answer, as it comes in pieces, into posts in their slots. Slots are ours; the AI only gives words. A post that cannot be
/// read leaves its slot empty, so that no later one moves to an earlier day; only what the AI writes beyond the last slot fills such a gap.
/// An answer that begins with prose may be a thought without a mark at its beginning: what looks like a post in it is held back until the
/// mark of its end shows that it was one, or the end of the answer that it was not.
/// </summary>
/// <param name="fit">What the brief's channels take.</param>
internal sealed partial class AnswerReader(WritingBrief brief, ChannelFit fit)
{
    /// <summary>Beyond the last slot.</summary>
    private const int MaxBroken = 50;

    /// <summary>The same line over and over: the model does not come out of it by itself.</summary>
    private const int MaxRepeats = 100;

    /// <summary>Characters without a post, marked thoughts left out.</summary>
    private const int MaxProse = 4 * 1024 * 1024;

    private readonly PostSlot[] _slots = [.. PostSlots.Plan(brief)];
    private readonly AnswerScanner _scanner = new();
    private readonly Queue<int> _gaps = new();
    private List<AnswerPart>? _held;
    private int _next;
    private int _broken;
    private bool _missed;
    private (int First, int Last) _prose;
    private (string Text, int Times) _repeated = ("", 0);
    private int _proseLength;

    public int Posts { get; private set; }

    /// <summary>Every slot has had its post, or what should have been one.</summary>
    public bool Full => _next == _slots.Length;

    /// <summary>A post came for which there is no slot: there is no point in reading on.</summary>
    public bool Overfull { get; private set; }

    /// <exception cref="WriterException">The answer is without end and without posts.</exception>
    public IEnumerable<WriterItem> Feed(string piece) => Overfull ? [] : Read(_scanner.Feed(piece));

    /// <summary>A piece of the answer is missing here.</summary>
    public void Lose() => _scanner.Lose();

    /// <summary>What was held back, when nothing more comes to show what it is.</summary>
    public IEnumerable<WriterItem> Release()
    {
        var held = _held ?? [];
        _held = null;
        return held.TakeWhile(_ => !Overfull).SelectMany(ReadPart);
    }

    /// <summary>The last line needs no line break; what is missing after it is told.</summary>
    /// <exception cref="WriterException">Nothing in the answer was a post.</exception>
    public IEnumerable<WriterItem> End()
    {
        foreach (var item in Overfull ? [] : Read(_scanner.End()).Concat(Release()).Concat(ProseWarning()))
            yield return item;
        if (Posts == 0)
            throw new WriterException("ai-invalid-answer", _scanner.IsInThought
                ? "The AI's thoughts did not come to an end, so that nothing in its answer is known to be a post."
                : "The AI answered, but nothing in its answer was a post.");
        if (Posts == _slots.Length)
            yield break;
        var gaps = _gaps.Count == 0 ? "" : $" Empty: {string.Join(", ", _gaps.Select(gap => _slots[gap].EntryId))}.";
        yield return new WriterWarning("posts-missing", $"The AI wrote {Posts} of {_slots.Length} posts.{gaps}")
        {
            LeavesGaps = _missed,
        };
    }

    private IEnumerable<WriterItem> Read(IEnumerable<AnswerPart> parts)
    {
        foreach (var part in parts)
        {
            if (part.Kind is AnswerPartKind.ThoughtsEnd || (_held is not null && IsEndOfThoughts(part)))
                (_held, _prose, _proseLength) = (null, default, 0);
            else if (IsHeld(part))
                (_held ??= []).Add(part);
            else
            {
                foreach (var item in ReadPart(part))
                    yield return item;
            }

            if (Overfull)
                yield break;
        }
    }

    // What comes before it was held back for this: a thought, or a word before the answer.
    private static bool IsEndOfThoughts(AnswerPart part) => part.Kind is AnswerPartKind.Prose && ThoughtsEnd().IsMatch(part.Text);

    // As Ollama's command line and models without marks have it.
    [GeneratedRegex(
        @"^\W*(?:done thinking|end of (?:thinking|thoughts?|reasoning)|(?:(?:the |my )?final )?(?:answer|output|response|posts))\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ThoughtsEnd();

    private bool IsHeld(AnswerPart part)
    {
        _proseLength += part.Text.Length;
        var repeats = part.Kind is AnswerPartKind.Prose && part.Text == _repeated.Text;
        _repeated = (part.Text, repeats ? _repeated.Times + 1 : 0);
        if (_repeated.Times > MaxRepeats || _proseLength > MaxProse)
            throw new WriterException("ai-invalid-answer", "The AI goes on and on without writing a post.");
        return _held is not null || (_next == 0 && part.Kind is AnswerPartKind.Prose);
    }

    private IEnumerable<WriterItem> ReadPart(AnswerPart part)
    {
        var lines = part.Kind is AnswerPartKind.Prose ? [] : AnswerLine.Read(part);
        if (lines.Count == 0)
        {
            _prose = (_prose.First == 0 ? part.Line : _prose.First, part.Line);
            yield break;
        }

        foreach (var item in ProseWarning())
            yield return item;
        foreach (var line in lines)
        {
            foreach (var item in line.Written is { } post ? Take(post) : Miss(part.Line, line))
                yield return item;
        }

        if (part.Kind is AnswerPartKind.Unended && lines.Any(line => line.Written is not null))
            yield return new WriterWarning(
                "line-broken", $"Line {part.Line} of the AI's answer stops within a post; what there is of it was taken.");
    }

    private IEnumerable<WriterItem> ProseWarning()
    {
        var (first, last) = _prose;
        _prose = default;
        if (first > 0)
            yield return new WriterWarning("line-broken", first == last
                ? $"Line {first} of the AI's answer is not a JSON object with \"text\"; it was left out."
                : $"Lines {first} to {last} of the AI's answer are not JSON objects with \"text\"; they were left out.");
    }

    private IEnumerable<WriterItem> Miss(int number, AnswerLine line)
    {
        _missed = true;
        if (line.IsSlot || Posts > 0)
        {
            if (!Full)
                _gaps.Enqueue(_next++);
            else if (++_broken > MaxBroken)
                Overfull = true;
        }

        yield return new WriterWarning(
            "line-broken", $"Line {number} of the AI's answer is {line.Fault}, not a JSON object with \"text\"; it was left out.");
    }

    private IEnumerable<WriterItem> Take(AnswerLine.Post post)
    {
        _proseLength = 0;
        if (!Full)
            return Place(post, _slots[_next++]);
        if (_gaps.TryDequeue(out var gap))
            return Place(post, _slots[gap]);
        Overfull = true;
        return [new WriterWarning("posts-extra", $"The AI wrote more than {_slots.Length} posts; the rest was left out.")];
    }

    private IEnumerable<WriterItem> Place(AnswerLine.Post post, PostSlot slot)
    {
        Posts++;
        var media = fit.PlaceholderMedia(slot.EntryId);
        var link = fit.LinkFor(post.Link, media.Count);
        yield return new DraftPost(
            slot.EntryId, slot.ScheduledAt, brief.Timezone, brief.Channels, post.Text, link, media, post.Tags);
        if (link != post.Link)
            yield return new WriterWarning("link-dropped", $"{slot.EntryId}: the link was left out; a channel has no place for it.");
        if (post.Losses.Contains(PostLoss.Link))
            yield return new WriterWarning("link-dropped", $"{slot.EntryId}: the link was left out; it is no http or https address.");
        if (post.Losses.Contains(PostLoss.Characters))
            yield return new WriterWarning(
                "characters-dropped", $"{slot.EntryId}: characters that no network or database takes were left out.");
        foreach (var fault in fit.TextFaults(post.Text, link, media.Count))
            yield return new WriterWarning("over-limit", $"{slot.EntryId}: {fault}.");
    }
}
