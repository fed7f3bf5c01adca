using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Exchanges;
using Gateway.Streams;

namespace Gateway.Tests.Streams;

/// <summary>The guard on every stream, cut at every byte, however the bytes arrive. Holds docs/contract.md section 6: the stream.</summary>
public sealed class StreamSplitTests
{
    private static readonly string[] LineEnds = ["\n", "\r\n", "\r"];

    [Fact]
    public void Guard_AnyCutAndAnySplit_PassesWholeEventsAndEndsInOneDone() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var text = Compose(random, random.Next(1, 6), LineEnds[random.Next(3)]);
            var bytes = Encoding.UTF8.GetBytes(text);
            var cut = random.Next(bytes.Length + 1);
            var upstream = new PiecewiseStream(bytes[..cut], random, random.Next(2) == 0);
            var monitor = new StreamMonitor(new StreamProgress(), TimeProvider.System);
            using var guarded = Guard(upstream, monitor);
            using var seen = new MemoryStream();
            Drain(guarded, seen, random);

            // A CR at the very end has ended its line, but this parser waits to see whether LF follows.
            var before = Events(cut > 0 && bytes[cut - 1] == '\r' ? [.. bytes[..cut], (byte)'\n'] : bytes[..cut]);
            var after = Events(seen.ToArray());
            if (before.Any(e => e.EventType == "done"))
                return after.SequenceEqual(before) && monitor.Outcome == StreamOutcome.Completed;
            var known = after.Where(e => e.EventType != "truncated").ToList();
            return known[..^2].SequenceEqual(before)
                && known[^2].EventType == "error" && known[^1].EventType == "done" && after[^1] == known[^1]
                && JsonDocument.Parse(known[^1].Data).RootElement.GetProperty("entries")
                    .GetInt32() == before.Count(e => e.EventType == "entry")
                && (after.FindLast(e => !string.IsNullOrEmpty(e.EventId)).EventId == before.FindLast(e => e.EventId is not null).EventId)
                && monitor.Outcome is StreamOutcome.Truncated or StreamOutcome.Error;
        }));

    [Theory]
    [InlineData("event: done\ndata: {\"finishReason\":\"timeout\"}\n\n")]
    [InlineData("data: {\"finishReason\":\"timeout\"}\nevent: done\n\n")]
    [InlineData("data: {\"finishReason\":\r\ndata: \"timeout\"}\r\nid: 9\r\nevent:done\r\n\r\n")]
    public void Monitor_DoneFrame_IsReadWhateverTheOrderOfItsFields(string frame)
    {
        var monitor = new StreamMonitor(new StreamProgress(), TimeProvider.System);

        monitor.Observe(Encoding.UTF8.GetBytes("data: {\"finishReason\":\"error\"}\n\n" + frame));

        Assert.Equal(StreamOutcome.Timeout, monitor.Outcome);
    }

    private static GuardedStream Guard(Stream upstream, StreamMonitor monitor) => new(
        upstream, monitor, new StreamTerminal("request-1", null, null, 0, TimeProvider.System), TimeSpan.FromMinutes(1),
        TimeProvider.System,
        _ => Task.CompletedTask, CancellationToken.None);

    private static void Drain(GuardedStream guarded, MemoryStream seen, Random random)
    {
        while (true)
        {
            if (random.Next(2) == 0)
                Assert.Equal(0, guarded.ReadAsync(Memory<byte>.Empty).AsTask().GetAwaiter().GetResult()); // As the forwarder waits.
            var buffer = new byte[random.Next(1, 40)];
            var read = guarded.ReadAsync(buffer).AsTask().GetAwaiter().GetResult();
            if (read == 0)
                return;
            seen.Write(buffer, 0, read);
        }
    }

    private static string Compose(Random random, int frames, string lineEnd)
    {
        var text = new StringBuilder();
        for (var i = 1; i <= frames; i++)
        {
            var name = i == frames && random.Next(2) == 0 ? "done" : random.Next(4) == 0 ? "warning" : "entry";
            if (random.Next(3) == 0)
                text.Append(": keep-alive").Append(lineEnd).Append(lineEnd);
            text.Append("id: ").Append(i).Append(lineEnd).Append("event: ").Append(name).Append(lineEnd)
                .Append("data: {\"type\":\"").Append(name).Append("\",\"text\":\"Grüße 🌱 ").Append('x', random.Next(30)).Append("\"}")
                .Append(lineEnd).Append(lineEnd);
        }

        return text.ToString();
    }

    private static List<(string EventType, string Data, string? EventId)> Events(byte[] bytes)
    {
        var parser = SseParser.Create(new MemoryStream(bytes));
        return [.. parser.Enumerate().Select(e => (e.EventType, e.Data, e.EventId))];
    }

    /// <summary>Bytes in pieces of any size, then an orderly end or a broken connection.</summary>
    private sealed class PiecewiseStream(byte[] bytes, Random random, bool breaks) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length && breaks)
                return ValueTask.FromException<int>(new IOException("reset"));
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 24))], cancellationToken);
        }
    }
}
