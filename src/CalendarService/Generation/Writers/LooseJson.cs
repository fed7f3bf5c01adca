using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CalendarService.Generation.Writers;

/// <summary>
/// JSON as models write it, mended where its meaning is plain: line breaks, tabs and quotes in a string, escapes that JSON does not have,
/// other quotation marks around strings, words of Python and JavaScript, missing commas, and brackets missing at the end.
/// What stops in the middle of a string or after a comma is not mended: more was meant to come. Only the end of an answer ends a string.
/// </summary>
internal sealed partial class LooseJson
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        MaxDepth = 256, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip,
    };

    private readonly string _text;
    private readonly StringBuilder _mended = new();
    private readonly Stack<char> _open = new();
    private int _at;
    private char _last;

    private readonly bool _endsStrings;

    private LooseJson(string text, bool endsStrings) => (_text, _endsStrings) = (text, endsStrings);

    /// <summary>Null when it cannot be told what was meant.</summary>
    /// <param name="text">Without halves of surrogate pairs.</param>
    /// <param name="endsStrings">A string that has no end goes to that of the text, without the brackets there.</param>
    public static JsonDocument? Parse(string text, bool endsStrings = false) =>
        Read(text) ?? (new LooseJson(text, endsStrings).Mend() is { } mended ? Read(mended) : null);

    private static JsonDocument? Read(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string? Mend()
    {
        while (_at < _text.Length && !(_open.Count == 0 && _last is '}' or ']'))
        {
            var c = _text[_at];
            var readable = c switch
            {
                _ when IsQuote(c) => MendString(c),
                '{' or '[' => Open(c),
                '}' or ']' => Close(c),
                ',' or '，' => Put(','),
                ':' or '：' => Put(':'),
                _ when char.IsWhiteSpace(c) => Skip(),
                _ => MendWord(),
            };
            if (!readable)
                return null;
        }

        if (_last is ',' or ':' or '{' or '[' or '\0')
            return null;
        foreach (var closer in _open)
            _mended.Append(closer);
        return _mended.ToString();
    }

    private bool Skip() => ++_at > 0;

    private bool Put(char c)
    {
        _mended.Append(_last = c);
        return Skip();
    }

    private bool Open(char c)
    {
        Separate();
        _open.Push(c == '{' ? '}' : ']');
        return Put(c);
    }

    private bool Close(char c)
    {
        if (!_open.Contains(c))
            return false;
        while (_open.Pop() is var closer && closer != c)
            _mended.Append(closer);
        return Put(c);
    }

    // A value after a value, or a name after one: the comma was forgotten.
    private void Separate()
    {
        if (_last is not ('\0' or ',' or ':' or '{' or '['))
            _mended.Append(_last = ',');
    }

    private bool MendWord()
    {
        var word = Word().Match(_text, _at).Value;
        if (word.Length == 0)
            return false;
        Separate();
        _at += word.Length;
        _mended.Append(word switch
        {
            "True" => "true",
            "False" => "false",
            "None" or "undefined" or "NaN" => "null",
            _ when Colon().IsMatch(_text, _at) => $"\"{word}\"",
            _ => word,
        });
        _last = 'w';
        return true;
    }

    private bool MendString(char quote)
    {
        Separate();
        var isName = _open.TryPeek(out var closer) && closer == '}' && _last is '{' or ',';
        var start = _mended.Length;
        _mended.Append('"');
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\\')
            {
                if (!MendEscape())
                    break;
            }
            else if (Closes(quote, c) && IsEnd(isName))
                return Put(_last = '"');
            else
                Append(c);
        }

        return _endsStrings && EndString(isName, start);
    }

    // Half of a name says nothing.
    private bool EndString(bool isName, int start)
    {
        if (isName)
            _mended.Length = start;
        else
        {
            _mended.Length = Math.Max(start + 1, _mended.ToString().TrimEnd('}', ']', ' ').Length);
            _mended.Append('"');
        }

        _last = '"';
        return true;
    }

    // At the backslash; leaves the place at the last character of the escape.
    private bool MendEscape()
    {
        if (++_at >= _text.Length)
            return false;
        var c = _text[_at];
        if (c is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't' || (c == 'u' && FourDigits().IsMatch(_text, _at + 1)))
            _mended.Append('\\').Append(c);
        else if (char.IsAsciiLetterOrDigit(c))
            _mended.Append("\\\\").Append(c); // As in a path.
        else
            Append(c); // As Markdown escapes.
        return true;
    }

    private void Append(char c) => _ = c switch
    {
        '"' => _mended.Append("\\\""),
        '\n' => _mended.Append("\\n"),
        '\t' => _mended.Append("\\t"),
        < ' ' => _mended.Append("\\u00").Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture)),
        _ => _mended.Append(c),
    };

    private static bool IsQuote(char c) => c is '"' or '\'' or '“' or '”' or '„' or '‘' or '’';

    private static bool Closes(char opened, char c) => opened switch
    {
        '"' => c == '"',
        '\'' => c == '\'',
        '‘' or '’' => c is '’' or '‘',
        _ => c is '”' or '“' or '"',
    };

    // A quotation mark inside a text is followed by more text, one that ends it by what JSON has next.
    private bool IsEnd(bool isName) => (isName ? AfterName() : AfterValue()).IsMatch(_text, _at + 1);

    [GeneratedRegex(@"\G\s*[:：]", RegexOptions.CultureInvariant)]
    private static partial Regex AfterName();

    [GeneratedRegex(
        """\G\s*(?:$|[}\]]|[,，]\s*(?:$|["'“„‘”’}\]{[]|\w+\s*:)|["“”'‘’]\w{1,20}["“”'‘’]\s*[:：])""", RegexOptions.CultureInvariant)]
    private static partial Regex AfterValue();

    [GeneratedRegex(@"\G[\w.+-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\G\s*[:：]", RegexOptions.CultureInvariant)]
    private static partial Regex Colon();

    [GeneratedRegex(@"\G[0-9A-Fa-f]{4}", RegexOptions.CultureInvariant)]
    private static partial Regex FourDigits();
}
