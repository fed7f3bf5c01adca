namespace CalendarService.Generation.Writers;

/// <summary>Whether a JSON document that comes in pieces is whole, told without reading it anew at each piece.</summary>
internal struct JsonBalance
{
    private int _depth;
    private bool _begun;
    private bool _inString;
    private bool _escaped;

    /// <summary>As many brackets were closed as opened, or it is no object and no array.</summary>
    public readonly bool IsWhole => _begun && _depth <= 0 && !_inString;

    public void Add(string text)
    {
        foreach (var c in text)
        {
            if (_inString)
            {
                _inString = _escaped || c != '"';
                _escaped = !_escaped && c == '\\';
                continue;
            }

            _inString = c == '"';
            _depth += c is '{' or '[' ? 1 : c is '}' or ']' ? -1 : 0;
            _begun |= !char.IsWhiteSpace(c);
        }
    }
}
