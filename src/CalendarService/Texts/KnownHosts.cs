namespace CalendarService.Texts;

/// <summary>
/// The hosts in a text that end in a known top level. An address may begin behind almost any character, so what was read of the text is
/// kept: each character is read once, whatever somebody wrote to have them read again from every place.
/// </summary>
internal sealed class KnownHosts
{
    private readonly string _text;
    private readonly Dictionary<int, int> _ends = [];

    // From each place: where the label ends, and where the next underscore stands.
    private readonly int[] _labelEnds;
    private readonly int[] _underscores;

    public KnownHosts(string text)
    {
        (_text, _labelEnds, _underscores) = (text, new int[text.Length + 1], new int[text.Length + 1]);
        _labelEnds[text.Length] = _underscores[text.Length] = text.Length;
        for (var at = text.Length - 1; at >= 0; at--)
        {
            _labelEnds[at] = IsHost(text[at]) || text[at] is '-' or '_' ? _labelEnds[at + 1] : at;
            _underscores[at] = text[at] == '_' ? at : _underscores[at + 1];
        }
    }

    /// <summary>After the most labels behind which a top level follows; the last label before it has no underscore.</summary>
    /// <returns>0 when no host begins there.</returns>
    public int FindEnd(int start)
    {
        if (start >= _text.Length)
            return 0;
        var labels = new Stack<(int Start, int Dot)>();
        int end;
        for (var label = start; !_ends.TryGetValue(label, out end); label = labels.Peek().Dot + 1)
        {
            var dot = _labelEnds[label];
            if (dot == label || dot == _text.Length || _text[dot] != '.' || !IsHost(_text[label]) || !IsHost(_text[dot - 1]))
            {
                _ends.Add(label, 0);
                break;
            }

            labels.Push((label, dot));
        }

        foreach (var (label, dot) in labels)
        {
            if (end == 0 && _underscores[label] >= dot && TopLevels.LengthAt(_text, dot + 1) is > 0 and var length)
                end = dot + 1 + length;
            _ends.Add(label, end);
        }

        return end;
    }

    // All but punctuation, spaces and marks of direction: hosts are written in any script.
    private static bool IsHost(char c) =>
        c > ' ' && c != '\u007F' && !char.IsWhiteSpace(c) && !"!'#%&()*+,\\-./:;<=>?@[]^_{|}~$\uFFFE\uFEFF\uFFFF\u180E\u061C".Contains(c)
        && c is not ((>= '\u202A' and <= '\u202E') or '\u200E' or '\u200F' or (>= '\u2066' and <= '\u2069'));
}
