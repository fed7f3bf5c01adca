using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Exchanges;
using ServiceDefaults.Wire;

namespace Gateway.Streams;

/// <summary>Why an upstream's stream ended without a terminal frame.</summary>
internal enum StreamFault
{
    Reset,
    Idle,
    Truncated,

    /// <summary>The gateway itself is shutting down.</summary>
    Stopping,
}

internal static class StreamFaults
{
    /// <summary>The code and the words that a client is told, and how the stream counts.</summary>
    public static (string Code, string Message, StreamOutcome Outcome) Describe(this StreamFault fault) => fault switch
    {
        StreamFault.Reset => ("upstream_reset", "The connection to the service broke.", StreamOutcome.Error),
        StreamFault.Idle => ("upstream_idle", "The service fell silent.", StreamOutcome.Idle),
        StreamFault.Truncated => ("upstream_truncated", "The service ended the stream early.", StreamOutcome.Truncated),
        StreamFault.Stopping => ("gateway_stopping", "The gateway is shutting down.", StreamOutcome.Error),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };
}

/// <summary>Composes the frames with which the gateway ends a stream that its upstream left open (docs/contract.md section 6).</summary>
internal sealed record StreamTerminal(string RequestId, string? CalendarId, string? RunId, long StartedAt, TimeProvider Clock)
{
    public ReadOnlyMemory<byte> Compose(StreamMonitor monitor, StreamFault fault)
    {
        var frames = new ArrayBufferWriter<byte>();
        if (monitor.InFrame)
            CloseHalfFrame(frames, monitor);

        var (code, what, outcome) = fault.Describe();
        var message = what + " What was generated so far is saved by the service; follow the run to see how it ended.";
        StreamFrameWriter.WriteUnnumbered(frames, new ErrorFrame(monitor.LastSeq + 1, code, message, RequestId));
        StreamFrameWriter.WriteUnnumbered(frames, new DoneFrame(
            monitor.LastSeq + 2, "error", Partial: true, message, monitor.Entries, CalendarId, RunId, RequestId,
            (long)Clock.GetElapsedTime(StartedAt).TotalMilliseconds, DryRun: false));
        monitor.End(outcome);
        return frames.WrittenMemory;
    }

    /// <summary>
    /// A blank line alone would dispatch the half frame as if it were whole. The last <c>event</c> and <c>id</c> of a frame win,
    /// so the half frame becomes an event that nobody listens for, and a half-written id does not become the client's Last-Event-ID.
    /// </summary>
    private static void CloseHalfFrame(ArrayBufferWriter<byte> frames, StreamMonitor monitor) =>
        Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{(monitor.InLine ? "\n" : "")}event: truncated\nid: {monitor.LastId}\n\n"),
            frames);
}
