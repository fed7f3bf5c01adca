using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Exchanges;
using Gateway.Streams;

namespace Gateway.Tests.Streams;

/// <summary>Holds docs/contract.md section 6: the stream.</summary>
public sealed class GuardedStreamTests
{
    private static readonly byte[] Frames = Encoding.UTF8.GetBytes(
        "id: 1\nevent: meta\ndata: {\"a\":1}\n\n: keep-alive\n\nid: 2\nevent: entry\ndata: größe\ndata: two\n\nid: 3\nevent: entry\ndata: 日本\n\n");

    /// <summary>
    /// Whatever the cut and the splits: whole frames arrive as sent, none is invented, and the end is one error and one done.
    /// </summary>
    [Fact]
    public void Stream_CutAnywhere_EndsInErrorAndDoneAndNothingHalf() => Prop.ForAll(
        Gen.Choose(0, Frames.Length).Zip(Gen.Choose(1, 30)).Zip(Gen.Choose(1, 50)).Zip(Gen.Elements(true, false)).ToArbitrary(),
        sample =>
        {
            var (((cut, chunk), buffer), reset) = sample;
            var received = ReadAll(new Pieces(Frames[..cut], chunk, reset), buffer, out var monitor);
            var events = SseParser.Create(new MemoryStream(received)).Enumerate().ToArray();
            var whole = SseParser.Create(new MemoryStream(Frames[..cut])).Enumerate().Select(e => (e.EventType, e.Data)).ToArray();

            // What nobody listens for may stand in between: the half frame, renamed.
            var heard = events.Where(e => e.EventType != "truncated").ToArray();
            var done = JsonDocument.Parse(heard[^1].Data).RootElement;
            return received.AsSpan(0, cut).SequenceEqual(Frames.AsSpan(0, cut))
                && heard[..^2].Select(e => (e.EventType, e.Data)).SequenceEqual(whole)
                && (heard[^2].EventType, heard[^1].EventType) == ("error", "done")
                && done.GetProperty("finishReason").GetString() == "error"
                && done.GetProperty("entries").GetInt32() == whole.Count(e => e.EventType == "entry")
                && monitor.Outcome == (reset ? StreamOutcome.Error : StreamOutcome.Truncated)
                && (cut == 0 || events[^1].EventId is null || events[^1].EventId == (monitor.LastId ?? ""));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Stream_WithItsOwnDone_PassesByteForByte()
    {
        byte[] whole = [.. Frames, .. "id: 4\nevent: done\ndata: {\"finishReason\":\"complete\"}\n\n"u8];

        Assert.Equal(whole, ReadAll(new Pieces(whole, 7, reset: true), 16, out var monitor));
        Assert.Equal(StreamOutcome.Completed, monitor.Outcome);
    }

    private static byte[] ReadAll(Stream upstream, int bufferSize, out StreamMonitor monitor)
    {
        monitor = new StreamMonitor(new StreamProgress(), TimeProvider.System);
        using var guarded = new GuardedStream(
            upstream, monitor, new StreamTerminal("request-1", "c1", "r1", 0, TimeProvider.System), TimeSpan.FromMinutes(1),
            TimeProvider.System,
            _ => Task.CompletedTask, CancellationToken.None);
        using var received = new MemoryStream();
        var buffer = new byte[bufferSize];
        // As the forwarder reads: with an empty buffer first, to wait for data without holding memory.
        while (guarded.ReadAsync(Memory<byte>.Empty).AsTask().GetAwaiter().GetResult() == 0
            && guarded.ReadAsync(buffer).AsTask().GetAwaiter().GetResult() is var read and > 0)
            received.Write(buffer, 0, read);
        return received.ToArray();
    }

    /// <summary>Bytes in chunks of one size, then the end or a reset.</summary>
    private sealed class Pieces(byte[] bytes, int chunk, bool reset) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty && Position < Length)
                return new(0);
            var read = Read(buffer.Span[..Math.Min(buffer.Length, chunk)]);
            return read == 0 && reset ? throw new IOException("reset") : new(read);
        }
    }
}
