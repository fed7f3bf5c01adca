using System.Globalization;

namespace CalendarService.Texts;

/// <summary>One address from its scheme, if it has one, to the end of its query.</summary>
internal sealed class AddressMatch
{
    private readonly string _text;
    private readonly KnownHosts _hosts;
    private readonly AddressGrammar _grammar;

    private AddressMatch(string text, KnownHosts hosts, int start, AddressGrammar grammar) =>
        (_text, _hosts, Start, _grammar) = (text, hosts, start, grammar);

    public int Start { get; }

    public int HostStart { get; private set; }

    public int HostEnd { get; private set; }

    /// <summary>Where the query begins, or the end.</summary>
    public int QueryStart { get; private set; }

    public int End { get; private set; }

    public bool HasScheme => HostStart > Start;

    public bool HasPath { get; private set; }

    /// <param name="hosts">Of this text.</param>
    /// <returns>Null when no address begins there.</returns>
    public static AddressMatch? Find(string text, KnownHosts hosts, int start, AddressGrammar grammar)
    {
        var match = new AddressMatch(text, hosts, start, grammar);
        foreach (var scheme in grammar.Schemes)
        {
            var host = start + scheme.Length + 3;
            if (text.AsSpan(start).StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
                && string.CompareOrdinal(text, start + scheme.Length, "://", 0, 3) == 0
                && match.TryHost(host, grammar.AnyHost))
                return match.Rest();
        }

        return match.TryHost(start, anyHost: false) ? match.Rest() : null;
    }

    private bool TryHost(int start, bool anyHost)
    {
        (HostStart, HostEnd) = (start, _hosts.FindEnd(start));
        if (HostEnd == 0 && anyHost)
            HostEnd = AnyHostEnd(start);
        return HostEnd > 0;
    }

    // Under whatever top level, or an IP address: to where the letters end, or where another script begins.
    private int AnyHostEnd(int start)
    {
        if (start < _text.Length && _text[start] == '[')
            return _text.IndexOf(']', start) + 1;
        var end = start;
        for (var at = start; at < _text.Length && (IsLetter(_text[at]) || (at > start && _text[at] is '-' or '.' or '_')); at++)
        {
            var other = !char.IsAscii(_text[at]) && !AddressGrammar.IsLatin(_text[at]);
            if (other && end == at && at > start && char.IsAscii(_text[at - 1]))
                break;
            if (IsLetter(_text[at]))
                end = at + 1;
        }

        return end > start ? end : 0;
    }

    private AddressMatch Rest()
    {
        var at = HostEnd;
        if (at + 1 < _text.Length && _text[at] == ':' && char.IsAsciiDigit(_text[at + 1]))
        {
            for (at++; at < _text.Length && char.IsAsciiDigit(_text[at]);)
                at++;
        }

        HasPath = at < _text.Length && _text[at] == '/';
        if (HasPath)
            at = PathEnd(at);
        QueryStart = at;
        End = at < _text.Length && _text[at] == '?' ? QueryEnd(at) : at;
        return this;
    }

    private int PathEnd(int slash)
    {
        var end = slash + 1;
        for (var at = end; at < _text.Length;)
        {
            if (_grammar.IsPath(_text[at]))
            {
                if (_grammar.EndsPath(_text[at++]))
                    end = at;
            }
            else if (_text[at] == '(' && ParenthesesEnd(at, 1) is > 0 and var closed)
            {
                at = end = closed;
            }
            else
            {
                break;
            }
        }

        return end;
    }

    /// <returns>Behind the closing one; 0 when nothing is in them, something else is, or they are nested deeper.</returns>
    private int ParenthesesEnd(int open, int nesting)
    {
        for (var at = open + 1; at < _text.Length; at++)
        {
            if (_text[at] == ')')
                return at > open + 1 ? at + 1 : 0;
            if (_text[at] == '(' && nesting > 0 && ParenthesesEnd(at, 0) is > 0 and var closed)
                (at, nesting) = (closed - 1, 0);
            else if (!_grammar.IsPath(_text[at]))
                return 0;
        }

        return 0;
    }

    private int QueryEnd(int mark)
    {
        var end = mark; // Nothing of it, where nothing in it could end it.
        for (var at = mark + 1; at < _text.Length && _grammar.IsQuery(_text[at]); at++)
        {
            if (_grammar.EndsQuery(_text[at]))
                end = at + 1;
        }

        return end;
    }

    private static bool IsLetter(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Surrogate or UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark || char.IsLetterOrDigit(c);
}
