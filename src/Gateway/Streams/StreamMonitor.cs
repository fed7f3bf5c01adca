using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Exchanges;

namespace Gateway.Streams;

/// <summary>Which event streams are held to the protocol of docs/contract.md section 6.</summary>
internal enum StreamWatch
{
    /// <summary>This one is.</summary>
    Judged,

    /// <summary>
    /// From its first frame of ours on. Who answers in the primary backend's place may speak a dialect of its own, which its own clients
    /// know.
    /// </summary>
    OnceSpoken,

    /// <summary>This one is not: it ends as its sender ends it.</summary>
    Counted,

    /// <summary>Nor is this one, and its bytes are in an encoding that cannot be read.</summary>
    Unread,
}

/// <summary>
/// Watches the bytes of one <c>text/event-stream</c> as they pass: where frames begin and end, and what the terminal frame said.
/// It holds at most <see cref="CaptureLimit"/> bytes, however the bytes are split.
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
/// </summary>
internal sealed class StreamMonitor(StreamProgress progress, TimeProvider clock, StreamWatch watch = StreamWatch.Judged)
{
    private const int CaptureLimit = 4096;

    // The start of a line that came in pieces, as much of it as the fields that matter need.
    private ArrayBufferWriter<byte>? _line;
    private ArrayBufferWriter<byte>? _doneData;
    private FrameId _id;
    private FrameId _lastId;
    private string _event = "";
    private bool _lineBegun;
    private bool _frameBegun;
    private bool _afterCarriageReturn;
    private bool _spoken;

    /// <summary>The stream is one of our protocol, so far as it has shown.</summary>
    public bool Judges => watch == StreamWatch.Judged || (watch == StreamWatch.OnceSpoken && _spoken);

    /// <summary>A backend of another dialect may be silent as long as it likes.</summary>
    public bool MayBeSilent => watch == StreamWatch.OnceSpoken && !_spoken;

    /// <summary>The <c>id</c> of the last whole frame.</summary>
    public string? LastId => _lastId.Read();

    public long LastSeq => long.TryParse(LastId, out var seq) ? seq : Frames;

    /// <summary>Whole frames so far, comments apart.</summary>
    public long Frames { get; private set; }

    /// <summary>Whole <c>entry</c> frames so far.</summary>
    public int Entries { get; private set; }

    /// <summary>Set by the terminal frame, or by whoever saw the stream end without one.</summary>
    public StreamOutcome? Outcome => progress.Outcome;

    /// <summary>The bytes so far end within a line.</summary>
    public bool InLine => _lineBegun;

    /// <summary>The bytes so far end within a frame.</summary>
    public bool InFrame => _frameBegun || _lineBegun;

    public void End(StreamOutcome outcome) => progress.End(outcome);

    public void Observe(ReadOnlySpan<byte> bytes)
    {
        if (watch == StreamWatch.Unread || (watch == StreamWatch.Counted && Frames > 0))
            return; // The first event is all that is asked about one that is only counted.
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
                Keep(bytes);
                return;
            }

            EndLine(bytes[..end]);
            _afterCarriageReturn = bytes[end] == '\r';
            bytes = bytes[(end + 1)..];
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        _lineBegun = true;
        _line ??= new(Math.Min(2 * part.Length, CaptureLimit));
        _line.Write(part[..Math.Min(part.Length, CaptureLimit - _line.WrittenCount)]);
    }

    private void EndLine(ReadOnlySpan<byte> rest)
    {
        if (!_lineBegun)
        {
            ReadLine(rest[..Math.Min(rest.Length, CaptureLimit)]);
            return;
        }

        Keep(rest);
        ReadLine(_line!.WrittenSpan);
        _line.ResetWrittenCount();
        _lineBegun = false;
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
            EndFrame();
        else if (line[0] != ':')
            ReadField(line);
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
            _event = NameOf(value);
        else if (name.SequenceEqual("id"u8))
            _id.Set(value);
        else if (name.SequenceEqual("data"u8) && _event is ("done" or "")) // Fields may stand in any order.
            KeepData(value);
    }

    private void KeepData(ReadOnlySpan<byte> value)
    {
        _doneData ??= new();
        _doneData.Write(value[..Math.Min(value.Length, CaptureLimit - _doneData.WrittenCount)]);
    }

    private void EndFrame()
    {
        if (!_frameBegun)
            return;
        _frameBegun = false;
        Frames++;
        if (Frames == 1)
            progress.SawEvent(clock.GetTimestamp());
        if (_id.IsSet)
            (_lastId, _id) = (_id, _lastId);
        _spoken |= _event is "meta" or "entry";
        if (_event == "entry")
            Entries++;
        else if (_event == "done" && Judges)
            End(ReadFinish(_doneData is null ? [] : _doneData.WrittenSpan));
        _event = "";
        _id.Clear();
        _doneData?.ResetWrittenCount();
    }

    private static string NameOf(ReadOnlySpan<byte> value) => value switch
    {
        _ when value.SequenceEqual("entry"u8) => "entry",
        _ when value.SequenceEqual("meta"u8) => "meta",
        _ when value.SequenceEqual("done"u8) => "done",
        _ => "other",
    };

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

    /// <summary>The <c>id</c> of a frame, in an array that serves the frames that follow: a string would be one for each event.</summary>
    private struct FrameId
    {
        private byte[]? _bytes;
        private int _length;

        public bool IsSet { get; private set; }

        public void Set(ReadOnlySpan<byte> value)
        {
            if (_bytes is null || _bytes.Length < value.Length)
                _bytes = new byte[Math.Max(16, value.Length)];
            value.CopyTo(_bytes);
            (_length, IsSet) = (value.Length, true);
        }

        public void Clear() => IsSet = false;

        public readonly string? Read() => IsSet ? Encoding.UTF8.GetString(_bytes!, 0, _length) : null;
    }
}
