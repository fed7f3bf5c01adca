using System.Text;

namespace CalendarService.Generation.Writers;

/// <summary>
/// Cuts an AI's answer, as it comes, into objects and the lines between them. A post is asked for on a line of its own, but models also
/// give one array, an object around it, or a post over several lines. A post is flat, so all of these read alike: an object that begins
/// inside another one's array shows that the outer one was a wrapper, and one that begins where none may shows that the last was torn.
/// </summary>
internal sealed class AnswerScanner
{
    private const int MaxPart = 64 * 1024;

    private readonly StringBuilder _part = new();
    private AnswerPunctuation _punctuation;
    private int _line = 1;
    private int _began = 1;
    private int _depth;
    private bool _inString;
    private bool _escaped;
    private char _before;

    /// <returns>
    /// What may be a post and what surely is none, each with the line that it begins on; brackets and fences are left out.
    /// </returns>
    public IEnumerable<(int Line, string Text)> Feed(string piece)
    {
        foreach (var c in piece)
        {
            var torn = c == '\n' && (_depth == 0 || _inString);
            if ((torn || BeginsAnother(c)) && Take() is { } done)
                yield return (_began, done);
            if (c == '\n')
                _line++;
            if (!torn && Append(c) && Take() is { } whole)
                yield return (_began, whole);
        }
    }

    /// <summary>What is left when the answer ends.</summary>
    public IEnumerable<(int Line, string Text)> End()
    {
        if (Take() is { } rest)
            yield return (_began, rest);
    }

    // Nothing but punctuation before it on its line, or the middle of an object: there a value follows a colon.
    private bool BeginsAnother(char c) =>
        c == '{' && !_inString && (_depth == 0 ? _punctuation.IsAll : _before != ':');

    /// <returns>Whether that was the end of an object.</returns>
    private bool Append(char c)
    {
        if (_part.Length == 0)
            _began = _line;
        // Beyond the limit a part is broken whatever follows, and need not be remembered.
        if (_part.Length < MaxPart)
            _part.Append(c);
        _punctuation.Add(c);
        if (_depth == 0 && _part is not ['{'])
            return false;
        if (_inString)
        {
            _inString = _escaped || c != '"';
            _escaped = !_escaped && c == '\\';
            return false;
        }

        _inString = c == '"';
        _depth += c is '{' or '[' ? 1 : c is '}' or ']' ? -1 : 0;
        if (!char.IsWhiteSpace(c))
            _before = c;
        return _depth == 0;
    }

    private string? Take()
    {
        var part = _part.ToString();
        var wrapper = _depth > 0 && _before == '[' && !part.Contains("\"text\"", StringComparison.Ordinal);
        var nothing = wrapper || _punctuation.IsAll;
        _part.Clear();
        (_depth, _inString, _escaped, _punctuation) = (0, false, false, default);
        return nothing ? null : part;
    }
}
