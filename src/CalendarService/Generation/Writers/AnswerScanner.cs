using System.Text;
using System.Text.RegularExpressions;

namespace CalendarService.Generation.Writers;

/// <summary>
/// Cuts an AI's answer, as it comes, into objects and the lines between them. A post is asked for on a line of its own, but models also
/// number them, or give one array, an object around each or all of them, a post over several lines, and thoughts before. So an object with
/// a text of its own is a post wherever it stands, those around it are wrappers, and one that begins where none may shows that the last
/// was torn. What is a thought by its marks is left out. A little over 250 lines: one state machine, each step of it short.
/// </summary>
internal sealed partial class AnswerScanner
{
    private const int MaxPart = 256 * 1024;
    private const int MaxLabel = 80;

    private readonly StringBuilder _part = new();
    private readonly Stack<AnswerLevel> _levels = new();
    private readonly AnswerMarks _marks = new();
    private AnswerPunctuation _punctuation;
    private int _line = 1;
    private int _began = 1;
    private bool _inString;
    private bool _escaped;
    private bool _lost;
    private bool _inList;
    private char _before;
    private int _lineStart;
    private int _tear = -1;
    private (int Start, int End) _string;

    /// <summary>A thought by its mark has not ended.</summary>
    public bool IsInThought => _levels.Count == 0 && _marks.Hides;

    /// <returns>What may be a post and what surely is none; brackets, fences, labels and marked thoughts are left out.</returns>
    public IEnumerable<AnswerPart> Feed(string piece)
    {
        foreach (var c in piece)
        {
            if (!(_levels.Count == 0 && _marks.Hides && _marks.Hide(c)))
            {
                if (c == '\n' && _lost && Take() is { } lost)
                    yield return lost;
                foreach (var part in _levels.Count == 0 ? Outside(c) : Within(c))
                    yield return part;
            }

            _line += c == '\n' ? 1 : 0;
        }
    }

    /// <summary>A piece is missing here. What it belonged to is lost up to the next line.</summary>
    public void Lose() => _lost = true;

    /// <summary>What is left when the answer ends.</summary>
    public IEnumerable<AnswerPart> End()
    {
        var inString = _inString && !_lost;
        if (Take() is { } rest)
            yield return inString ? rest with { Kind = AnswerPartKind.Unended } : rest;
    }

    private IEnumerable<AnswerPart> Outside(char c)
    {
        if (c == '{' && (_punctuation.IsAll || IsLabel(0)))
        {
            Clear();
            Open(c);
        }
        else if (c == '\n')
        {
            if (Take() is { } line)
                yield return line;
        }
        else
        {
            Append(c);
            if (c is '[' or ']' && _punctuation.IsAll)
                _inList = c == '[';
            if (AnswerMarks.MayEnd(c) && Mark() is { } part)
                yield return part;
        }
    }

    private AnswerPart? Mark()
    {
        var mark = _marks.Find(_part, out var length);
        if (mark is AnswerMark.None)
            return null;
        _part.Length -= length;
        if (mark is AnswerMark.Noise)
            return null;
        var before = _part.ToString();
        Clear();
        return mark switch
        {
            AnswerMark.Closes => new(AnswerPartKind.ThoughtsEnd, _line, ""),
            _ when IsNothing(before) => null,
            _ => new(AnswerPartKind.Prose, _line, before),
        };
    }

    private IEnumerable<AnswerPart> Within(char c)
    {
        if (_tear >= 0 && c == '"')
        {
            if (Tear() is { } torn)
                yield return torn;
            Open('{');
        }

        var begins = c == '{' && (_inString ? _lineStart > _string.Start && IsLabel(_lineStart) : BeginsAnother());
        var tear = begins ? _part.Length : char.IsWhiteSpace(c) ? _tear : -1;
        if (_inString)
            AppendInString(c);
        else if (AppendOutsideOfStrings(c) is { } whole)
            yield return whole;
        _tear = _levels.Count > 0 ? tear : -1;
    }

    private void AppendInString(char c)
    {
        Append(c);
        if (c == '\n')
            _lineStart = _part.Length;
        _inString = _escaped || c != '"';
        _escaped = !_escaped && c == '\\';
        if (!_inString)
            (_string, _before) = ((_string.Start, _part.Length - 1), '"');
    }

    private AnswerPart? AppendOutsideOfStrings(char c)
    {
        switch (c)
        {
            case '"':
                _inString = true;
                _string = (_part.Length + 1, 0);
                Append(c);
                return null;
            case '{' or '[':
                Open(c);
                return null;
            case '}' or ']':
                return Close(c);
            case ':' when _levels.Peek() is { IsArray: false } level && IsTextName():
                _levels.Pop();
                _levels.Push(level with { HasText = true });
                break;
            case '\n':
                _lineStart = _part.Length + 1;
                break;
        }

        Append(c);
        if (!char.IsWhiteSpace(c))
            _before = c;
        return null;
    }

    // Where no value may be, or at the beginning of a line in a post: there is none that has an object there.
    private bool BeginsAnother() => _levels.Peek() is var level
        && (((level.Covered || level.HasText) && _lineStart > 0 && _part.Length == _lineStart)
            || !(level.IsArray ? _before is '[' or ',' : _before == ':'));

    private void Open(char c)
    {
        if (_levels.Count == 0)
            _began = _line;
        var covered = _levels.TryPeek(out var around) && (around.Covered || around.HasText);
        _levels.Push(new(c == '[', _part.Length, _line, covered));
        Append(c);
        _before = c;
    }

    private AnswerPart? Close(char c)
    {
        Append(c);
        _before = c;
        // A bracket of the other kind: that of this one was forgotten.
        var missing = _levels.Peek().IsArray != (c == ']');
        if (missing && !_levels.Any(level => level.IsArray == (c == ']')))
        {
            _part.Length--;
            return Take(); // The array is around the posts.
        }

        AnswerPart? found = null;
        while (_levels.TryPop(out var level))
        {
            found ??= Leave(level);
            if (level.IsArray == (c == ']'))
                break;
        }

        if (_levels.Count == 0)
            Clear();
        return found;
    }

    private AnswerPart? Leave(AnswerLevel level)
    {
        if (level.Wraps)
        {
            MarkWrapper();
            return null;
        }

        if (level.IsArray || level.Covered || !(level.HasText || _levels.Count == 0))
            return null;
        var text = _lost ? "" : _part.ToString(level.Start, _part.Length - level.Start);
        var post = new AnswerPart(AnswerPartKind.Object, level.Line, text);
        _part.Length = level.Start;
        (_lost, _lineStart, _tear) = (false, Math.Min(_lineStart, _part.Length), -1);
        MarkWrapper();
        return post;
    }

    private void MarkWrapper()
    {
        if (_levels.TryPop(out var around))
            _levels.Push(around with { Wraps = true });
    }

    private bool IsTextName() => _string.End > _string.Start && _string.End <= _part.Length
        && _part.ToString(_string.Start, _string.End - _string.Start).Trim().Equals("text", StringComparison.OrdinalIgnoreCase);

    private bool IsLabel(int from) => _part.Length - from <= MaxLabel && Label().IsMatch(_part.ToString(from, _part.Length - from));

    // A line break belongs to a string, and a brace to a sentence, unless the next object begins there.
    private AnswerPart? Tear()
    {
        _part.Length = _tear;
        if (!_inString && _levels.ElementAtOrDefault(1) is { IsArray: false, HasText: true } torn
            && (_inList || _lineStart <= torn.Start || _levels.Skip(2).Any(level => level.IsArray)))
        {
            // In an array or on one line the comma is between the posts; at the end of a line, more of this post was to come.
            _part.Length = _part.ToString().TrimEnd().TrimEnd(',').Length;
            _part.Remove(0, torn.Start);
            _began = torn.Line;
        }
        else if (_lineStart > 0 && _lineStart <= _tear && IsLabel(_lineStart))
            _part.Length = _lineStart;
        return Take();
    }

    private void Append(char c)
    {
        if (_part.Length == 0)
            _began = _line;
        // Beyond the limit a part is broken whatever follows, and need not be remembered.
        if (_part.Length < MaxPart)
            _part.Append(c);
        _punctuation.Add(c);
    }

    private AnswerPart? Take()
    {
        var text = _part.ToString();
        var (line, lost, isObject) = (_began, _lost, _levels.Count > 0);
        var wraps = isObject && (_before == '[' || _levels.Any(level => level.Wraps))
            && !text.Contains("\"text\"", StringComparison.OrdinalIgnoreCase);
        Clear();
        if (wraps || (!isObject && IsNothing(text)))
            return null;
        return lost ? new(AnswerPartKind.Object, line, "")
            : new(isObject ? AnswerPartKind.Object : AnswerPartKind.Prose, line, text);
    }

    private void Clear()
    {
        _part.Clear();
        _levels.Clear();
        _punctuation = default;
        (_inString, _escaped, _lost, _lineStart, _tear, _string) = (false, false, false, 0, -1, default);
    }

    private static bool IsNothing(string text)
    {
        var punctuation = default(AnswerPunctuation);
        foreach (var c in text)
            punctuation.Add(c);
        return punctuation.IsAll;
    }

    // At most a word and numbers: "1.", "-", "**Post 2:**", "2026-11-21-1:", "data:"; or more after both: "Day 1 (Tuesday), slot 2:".
    [GeneratedRegex(
        @"^\W*(?:[\p{L}_]{1,20}\W*)?(?:\d{1,6}\W*){0,5}$|^\W*\p{L}{1,20}\W+\d{1,6}(?:\W+(?:\p{L}{1,20}|\d{1,6})){1,10}\W*:\W*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
