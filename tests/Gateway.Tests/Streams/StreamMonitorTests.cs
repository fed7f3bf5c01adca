using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Exchanges;
using Gateway.Streams;

namespace Gateway.Tests.Streams;

/// <summary>Holds docs/contract.md section 6: the stream.</summary>
public sealed class StreamMonitorTests
{
    private const string Whole = """
        : keep-alive

        id: 1
        event: meta
        data: {"type":"meta","seq":1}

        id: 2
        event: entry
        data: {"type":"entry","seq":2,"text":"größe – 日本"}

        : keep-alive

        id: 3
        event: entry
        data: first line
        data: second line

        id: 4
        event: done
        data: {"type":"done","seq":4,"finishReason":"timeout","partial":true}


        """;

    private static readonly string[] LineEnds = ["\n", "\r\n", "\r"];

    [Fact]
    public void Monitor_AnySplitOfTheBytes_SeesTheSameFrames() => Prop.ForAll(
        Gen.Elements(LineEnds).Zip(Gen.Choose(1, 40).NonEmptyListOf()).ToArbitrary(),
        sample =>
        {
            var bytes = Encoding.UTF8.GetBytes(Whole.ReplaceLineEndings(sample.Item1));
            var monitor = Split(bytes, [.. sample.Item2]);
            return (monitor.Frames, monitor.Entries, monitor.LastId, monitor.LastSeq, monitor.Outcome, monitor.InFrame)
                == (4, 2, "4", 4, StreamOutcome.Timeout, false);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Monitor_AnyPrefixInAnySplit_AgreesWithTheWholePrefix() => Prop.ForAll(
        Gen.Choose(0, Encoding.UTF8.GetByteCount(Whole)).Zip(Gen.Choose(1, 9).NonEmptyListOf()).ToArbitrary(),
        sample =>
        {
            var prefix = Encoding.UTF8.GetBytes(
                Whole.ReplaceLineEndings("\n"))[..Math.Min(sample.Item1, Encoding.UTF8.GetByteCount(Whole.ReplaceLineEndings("\n")))];
            var (pieces, whole) = (Split(prefix, [.. sample.Item2]), Split(prefix, [prefix.Length + 1]));
            return (pieces.Frames, pieces.Entries, pieces.LastId, pieces.Outcome, pieces.InFrame, pieces.InLine)
                == (whole.Frames, whole.Entries, whole.LastId, whole.Outcome, whole.InFrame, whole.InLine);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("complete", "Completed")]
    [InlineData("timeout", "Timeout")]
    [InlineData("error", "Error")]
    [InlineData("cancelled", "Cancelled")]
    public void Monitor_Done_ReadsTheFinishReason(string reason, string outcome) => Assert.Equal(
        outcome, Read($"event: done\ndata: {{\"finishReason\":\"{reason}\"}}\n\n").Outcome.ToString());

    [Theory]
    [InlineData("event: done\ndata: {\"finishReason\":\"complete\"}\n")]
    [InlineData("event: done\ndata: {\"finishReason\"")]
    [InlineData("event: don")]
    [InlineData(": a comment\n\n")]
    [InlineData("event: doner\ndata: x\n\n")]
    [InlineData("")]
    public void Monitor_NoWholeDone_HasNoOutcome(string text) => Assert.Null(Read(text).Outcome);

    [Theory]
    [InlineData("id: 1\nevent: entry\n", true, false)]
    [InlineData("id: 1\nevent: ent", true, true)]
    [InlineData(": keep", true, true)]
    [InlineData("id: 1\n\n", false, false)]
    [InlineData("id: 1\n\n: keep-alive\n\n", false, false)]
    [InlineData("id: 1\r\r\n", false, false)]
    public void Monitor_EndOfBytes_KnowsWhereItStands(string text, bool inFrame, bool inLine) =>
        Assert.Equal((inFrame, inLine), (Read(text).InFrame, Read(text).InLine));

    [Fact]
    public void Monitor_HalfFrame_DoesNotMoveTheLastId() => Assert.Equal("1", Read("id: 1\ndata: a\n\nid: 2\ndata: b\n").LastId);

    [Fact]
    public void Monitor_HugeLines_AreWatchedWithoutBeingKept()
    {
        var monitor = new StreamMonitor(new StreamProgress(), TimeProvider.System);
        monitor.Observe("event: done\ndata: {\"finishReason\":\"timeout\",\"message\":\""u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var junk = new byte[64 * 1024];
        junk.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 200; i++)
            monitor.Observe(junk);
        monitor.Observe("\"}\n"u8);
        for (var i = 0; i < 200; i++)
        {
            monitor.Observe("data: "u8);
            monitor.Observe(junk);
            monitor.Observe("\n"u8);
        }

        monitor.Observe("\n"u8);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
        Assert.Equal(StreamOutcome.Timeout, monitor.Outcome);
    }

    private static StreamMonitor Read(string text) => Split(Encoding.UTF8.GetBytes(text), [int.MaxValue]);

    private static StreamMonitor Split(byte[] bytes, List<int> sizes)
    {
        var monitor = new StreamMonitor(new StreamProgress(), TimeProvider.System);
        for (int at = 0, turn = 0; at < bytes.Length; turn++)
        {
            var size = Math.Min(sizes[turn % sizes.Count], bytes.Length - at);
            monitor.Observe(bytes.AsSpan(at, size));
            at += size;
        }

        return monitor;
    }
}
