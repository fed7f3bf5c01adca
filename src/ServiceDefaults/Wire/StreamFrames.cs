using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceDefaults.Wire;

/// <summary>The frames of a generation stream (docs/contract.md section 6). <c>type</c> is the event's name.</summary>
public abstract record StreamFrame(
    [property: JsonPropertyOrder(-2)] string Type,
    [property: JsonPropertyOrder(-1)] long Seq);

public sealed record MetaFrame(
    long Seq, string CalendarId, string RunId, string RequestId, bool DryRun) : StreamFrame("meta", Seq);

public sealed record EntryFrame(long Seq, Entry Entry) : StreamFrame("entry", Seq);

public sealed record WarningFrame(long Seq, string Code, string Message) : StreamFrame("warning", Seq);

public sealed record ErrorFrame(long Seq, string Code, string Message, string? RequestId) : StreamFrame("error", Seq);

/// <summary>The terminal frame: exactly one, always last.</summary>
/// <param name="FinishReason"><c>complete</c>, <c>timeout</c>, <c>error</c> or <c>cancelled</c>.</param>
/// <param name="Entries">How many entries the stream carried.</param>
public sealed record DoneFrame(
    long Seq, [property: AllowedValues("complete", "timeout", "error", "cancelled")] string FinishReason, bool Partial, string? Message,
    int Entries, string? CalendarId, string? RunId, string? RequestId, long ElapsedMs, bool DryRun) : StreamFrame("done", Seq);

/// <summary>Writes frames as <c>text/event-stream</c>: <c>id</c>, <c>event</c>, one line of <c>data</c>, a blank line.</summary>
public static class StreamFrameWriter
{
    public const string ContentType = "text/event-stream; charset=utf-8";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        // People read these streams with curl; line breaks and controls stay escaped, so data is one line.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static ReadOnlySpan<byte> KeepAlive => ": keep-alive\n\n"u8;

    /// <summary>The JSON of a frame, for keeping it.</summary>
    public static string Data(StreamFrame frame) => JsonSerializer.Serialize(frame, frame.GetType(), Json);

    /// <summary>Writes a kept frame again, byte for byte.</summary>
    public static void Write(IBufferWriter<byte> output, long seq, string type, string data) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"id: {seq}\nevent: {type}\ndata: {data}\n\n"), output);

    public static void Write(IBufferWriter<byte> output, StreamFrame frame)
    {
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {frame.Seq}\n"), output);
        WriteUnnumbered(output, frame);
    }

    /// <summary>
    /// Without <c>id</c>, so that the client's Last-Event-ID stays at the last frame of the run itself and resuming misses nothing.
    /// </summary>
    public static void WriteUnnumbered(IBufferWriter<byte> output, StreamFrame frame)
    {
        Encoding.UTF8.GetBytes($"event: {frame.Type}\ndata: ", output);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = Json.Encoder }))
            JsonSerializer.Serialize(writer, frame, frame.GetType(), Json);
        output.Write("\n\n"u8);
    }
}
