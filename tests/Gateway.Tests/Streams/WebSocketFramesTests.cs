using FsCheck;
using FsCheck.Fluent;
using Gateway.Streams;

namespace Gateway.Tests.Streams;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class WebSocketFramesTests
{
    private static readonly int[] Sizes = [0, 1, 125, 126, 127, 65535, 65536];

    [Fact]
    public void Frames_HoweverTheBytesAreSplit_EndWhereTheyEnd() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (bytes, ends) = Compose(random);
            var frames = new WebSocketFrames();
            for (var at = 0; at < bytes.Length;)
            {
                var next = Math.Min(bytes.Length, at + random.Next(1, random.Next(2) == 0 ? 4 : 100_000));
                var whole = frames.Observe(bytes.AsSpan(at..next));
                var last = ends.LastOrDefault(e => e > at && e <= next, at);
                if (whole != last - at || frames.AtBoundary != ends.Contains(next))
                    return false;
                at = next;
            }

            return !frames.Closed;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Frames_AfterAClose_SaySo()
    {
        var frames = new WebSocketFrames();

        frames.Observe([0x81, 0x01, (byte)'x']);
        Assert.False(frames.Closed);
        frames.Observe([0x88, 0x82, 1, 2, 3, 4, 0, 0]);

        Assert.True(frames is { Closed: true, AtBoundary: true });
    }

    private static (byte[] Bytes, HashSet<int> Ends) Compose(Random random)
    {
        var bytes = new List<byte>();
        var ends = new HashSet<int>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var (length, masked) = (Sizes[random.Next(Sizes.Length)], random.Next(2) == 0);
            bytes.Add((byte)(0x80 | random.Next(0, 3)));
            var mask = masked ? 0x80 : 0;
            if (length < 126)
                bytes.Add((byte)(mask | length));
            else if (length < 65536)
                bytes.AddRange([(byte)(mask | 126), (byte)(length >> 8), (byte)length]);
            else
                bytes.AddRange([(byte)(mask | 127), 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
            if (masked)
                bytes.AddRange([9, 9, 9, 9]);
            bytes.AddRange(Enumerable.Repeat((byte)0x88, length));
            ends.Add(bytes.Count);
        }

        return ([.. bytes], ends);
    }
}
