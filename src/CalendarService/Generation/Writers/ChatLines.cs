using System.Buffers;
using System.Text;

namespace CalendarService.Generation.Writers;

/// <summary>One document of an AI's answer, which should be JSON: a character for each byte.</summary>
/// <param name="IsError">It came under the event name <c>error</c>.</param>
internal readonly record struct ChatPayload(string Json, bool IsError);

/// <summary>
/// Cuts the body of an answer into its documents: events with one line of data or several, with or without the empty line after them, one
/// JSON document a line without <c>data:</c>, or a single document over many lines. Not SseParser, which drops what stands outside of an
/// event and the last event of a stream that ends without its empty line, and remembers a line of any length.
/// </summary>
internal sealed class ChatLines
{
    /// <summary>Of one document. The whole answer may come in one.</summary>
    private const int MaxBytes = 8 * 1024 * 1024;

    // No others: what Latin-1 takes for a blank is half of a character here.
    private static readonly char[] Blanks = [' ', '\t', '\n'];
    private static readonly byte[] Bom = [0xEF, 0xBB, 0xBF];

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly StringBuilder _payload = new();
    private JsonBalance _balance;
    private bool _isFirst = true;
    private bool _isData;
    private bool _isError;
    private bool _endedWithReturn;

    /// <summary>The body is a page for people.</summary>
    public bool IsWebPage { get; private set; }

    /// <exception cref="WriterException">A line without end.</exception>
    public IEnumerable<ChatPayload> Feed(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.Span.IndexOfAny((byte)'\n', (byte)'\r');
            _line.Write(bytes.Span[..(end < 0 ? bytes.Length : end)]);
            if (_line.WrittenCount + _payload.Length > MaxBytes)
                throw new WriterException("ai-invalid-answer", "The AI endpoint sent a piece of an answer that has no end.");
            if (end < 0)
                yield break;
            var isRest = _endedWithReturn && end == 0 && _line.WrittenCount == 0 && bytes.Span[0] == '\n';
            _endedWithReturn = bytes.Span[end] == '\r';
            bytes = bytes[(end + 1)..];
            if (!isRest && TakeLine() is { } payload)
                yield return payload;
        }
    }

    /// <summary>The last line needs no end.</summary>
    public IEnumerable<ChatPayload> End()
    {
        if (_line.WrittenCount > 0 && TakeLine() is { } last)
            yield return last;
        if (TakePayload() is { } rest)
            yield return rest;
    }

    private ChatPayload? TakeLine()
    {
        var bytes = _line.WrittenSpan;
        if (_isFirst && bytes.StartsWith(Bom))
            bytes = bytes[Bom.Length..];
        // Latin-1 keeps every byte: a character may be cut between two documents.
        var line = Encoding.Latin1.GetString(bytes);
        _isFirst &= bytes.Length == 0;
        _line.ResetWrittenCount();
        return Read(line);
    }

    private ChatPayload? Read(string line)
    {
        if (line.AsSpan().Trim(Blanks).IsEmpty)
            return IsInBareDocument ? null : TakePayload();
        if (ValueOf(line, "data") is { } data)
        {
            while (ValueOf(data, "data") is { } inner) // Some relays put their own before that of the server behind them.
                data = inner;
            return Add(data, isData: true);
        }

        if (IsInBareDocument)
            return Add(line, isData: false);
        if (ValueOf(line, "event") is { } name)
            _isError |= name == "error";
        else if (_payload.Length > 0)
            return line[0] == ':' || ValueOf(line, "id") is not null ? null : Add(line, isData: true);
        else if (line.AsSpan().TrimStart(Blanks) is ['{' or '[', ..])
            return Add(line, isData: false);
        else
            IsWebPage |= line.AsSpan().TrimStart(Blanks) is ['<', ..];
        return null;
    }

    private bool IsInBareDocument => _payload.Length > 0 && !_isData;

    private ChatPayload? Add(string text, bool isData)
    {
        _isData = isData;
        if (_payload.Length > 0)
            _payload.Append('\n');
        _payload.Append(text);
        _balance.Add(text);
        return _balance.IsWhole ? TakePayload() : null;
    }

    private ChatPayload? TakePayload()
    {
        var payload = new ChatPayload(_payload.ToString().Trim(Blanks), _isError);
        _payload.Clear();
        (_balance, _isError) = (default, false);
        return payload.Json.Length > 0 ? payload : null;
    }

    // As in "data: x", "data:x" and "Data : x".
    private static string? ValueOf(string line, string field)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && line.AsSpan(0, colon).Trim(Blanks).Equals(field, StringComparison.OrdinalIgnoreCase)
            ? line[(colon + 1)..].Trim(Blanks)
            : null;
    }
}
