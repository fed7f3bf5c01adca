using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Streams;

/// <summary>
/// Watches the bytes of one <c>text/event-stream</c> as they pass: where frames begin and end, and what the terminal frame said.
/// It holds at most <see cref="CaptureLimit"/> bytes, however the bytes are split.
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
/// </summary>
internal sealed class StreamMonitor
{
    private const int CaptureLimit = 4096;

    // The current line's start, as much of it as the fields that matter need.
    private readonly ArrayBufferWriter<byte> _line = new(256);
    private readonly ArrayBufferWriter<byte> _doneData = new();
    private string _event = "";
    private string? _id;
    private bool _lineBegun;
    private bool _frameBegun;
    private bool _afterCarriageReturn;

    /// <summary>The <c>id</c> of the last whole frame.</summary>
    public string? LastId { get; private set; }

    public long LastSeq => long.TryParse(LastId, out var seq) ? seq : Frames;

    /// <summary>Whole frames so far, comments apart.</summary>
    public long Frames { get; private set; }

    /// <summary>Whole <c>entry</c> frames so far.</summary>
    public int Entries { get; private set; }

    /// <summary>Set by the terminal frame, or by whoever saw the stream end without one.</summary>
    public StreamOutcome? Outcome { get; private set; }

    /// <summary>The bytes so far end within a line.</summary>
    public bool InLine => _lineBegun;

    /// <summary>The bytes so far end within a frame.</summary>
    public bool InFrame => _frameBegun || _lineBegun;

    /// <summary>When the first frame passed, by the clock's timestamp.</summary>
    public long? FirstFrameAt { get; private set; }

    public void End(StreamOutcome outcome) => Outcome ??= outcome;

    public void Observe(ReadOnlySpan<byte> bytes, TimeProvider clock)
    {
        while (!bytes.IsEmpty)
        {
            // CR LF is one line end, also when the two arrive apart.
            if (_afterCarriageReturn && bytes[0] == '\n')
            {
                _afterCarriageReturn = false;
                bytes = bytes[1..];
                continue;
            }

            _afterCarriageReturn = false;
            var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                Capture(bytes);
                return;
            }

            Capture(bytes[..end]);
            _afterCarriageReturn = bytes[end] == '\r';
            bytes = bytes[(end + 1)..];
            EndLine(clock);
        }
    }

    private void Capture(ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty)
            return;
        _lineBegun = true;
        var room = CaptureLimit - _line.WrittenCount;
        _line.Write(part[..Math.Min(part.Length, room)]);
    }

    private void EndLine(TimeProvider clock)
    {
        var line = _line.WrittenSpan;
        if (!_lineBegun)
            EndFrame(clock);
        else if (line[0] != ':')
            ReadField(line);
        _line.ResetWrittenCount();
        _lineBegun = false;
    }

    private void ReadField(ReadOnlySpan<byte> line)
    {
        _frameBegun = true;
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (value.StartsWith(" "u8))
            value = value[1..];

        if (name.SequenceEqual("event"u8))
            _event = value.SequenceEqual("entry"u8) ? "entry" : value.SequenceEqual("done"u8) ? "done" : "other";
        else if (name.SequenceEqual("id"u8))
            _id = Encoding.UTF8.GetString(value);
        else if (name.SequenceEqual("data"u8) && _event is ("done" or "")) // Fields may stand in any order.
            _doneData.Write(value[..Math.Min(value.Length, CaptureLimit - _doneData.WrittenCount)]);
    }

    private void EndFrame(TimeProvider clock)
    {
        if (!_frameBegun)
            return;
        _frameBegun = false;
        Frames++;
        FirstFrameAt ??= clock.GetTimestamp();
        LastId = _id ?? LastId;
        if (_event == "entry")
            Entries++;
        else if (_event == "done")
            End(ReadFinish(_doneData.WrittenSpan));
        _event = "";
        _id = null;
        _doneData.ResetWrittenCount();
    }

    private static StreamOutcome ReadFinish(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("finishReason"u8))
                    continue;
                reader.Read();
                return reader.GetString() switch
                {
                    "timeout" => StreamOutcome.Timeout,
                    "error" => StreamOutcome.Error,
                    "cancelled" => StreamOutcome.Cancelled,
                    _ => StreamOutcome.Completed,
                };
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // Another stream's `done`, in another shape: it did end.
        }

        return StreamOutcome.Completed;
    }
}
