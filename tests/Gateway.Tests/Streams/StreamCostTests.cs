using System.Diagnostics;
using System.Text;
using System.Threading.Tasks.Sources;
using Gateway.Exchanges;
using Gateway.Streams;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Streams;

/// <summary>What the guard costs a stream that is open for hours.</summary>
public sealed class StreamCostTests
{
    [Fact]
    public void Guard_EventThatWasWaitedFor_AllocatesNothing()
    {
        var upstream = new FedStream();
        var monitor = new StreamMonitor(new StreamProgress(), TimeProvider.System);
        using var guarded = new GuardedStream(
            upstream, monitor, new StreamTerminal("request-1", "c1", "r1", 0, TimeProvider.System), TimeSpan.FromMinutes(1),
            TimeProvider.System, _ => Task.CompletedTask, CancellationToken.None);
        var bytes = Encoding.UTF8.GetBytes("id: 1234\nevent: entry\ndata: {\"type\":\"entry\",\"seq\":1234}\n\n");
        var buffer = new byte[4096];
        // The runtime's first code for a method allocates by itself; what is run often is compiled again within a second.
        var allocated = Pass(events: 1000);
        for (var since = Stopwatch.StartNew(); allocated > 0 && since.Elapsed < TimeSpan.FromSeconds(30);)
            allocated = Pass(events: 1000);

        Assert.Equal(0, allocated);

        // As the forwarder: it waits with an empty buffer, and then reads what there is. An event comes in two pieces.
        long Pass(int events)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var piece = 0; piece < 2 * events; piece++)
            {
                var waiting = guarded.ReadAsync(Memory<byte>.Empty);
                Assert.False(waiting.IsCompleted);
                upstream.Feed(piece % 2 == 0 ? bytes.AsMemory(0, 30) : bytes.AsMemory(30));
                Assert.True(waiting is { IsCompletedSuccessfully: true, Result: 0 }); // Assert.Equal allocates.
                var read = guarded.ReadAsync(buffer);
                Assert.True(read.IsCompletedSuccessfully && read.Result > 0);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Silence_IsCountedFromTheReadThatWaits()
    {
        var clock = new FakeTimeProvider();
        var fellSilent = false;
        using var silence = new Silence(TimeSpan.FromSeconds(60), clock, () => fellSilent = true);

        clock.Advance(TimeSpan.FromSeconds(100)); // The client is slow, and nothing is read.
        silence.Begin();
        clock.Advance(TimeSpan.FromSeconds(59));
        silence.End();
        silence.Begin();
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(fellSilent);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(fellSilent);
    }

    /// <summary>Every empty read waits until it is fed, as that of a connection does.</summary>
    private sealed class FedStream : ForwardOnlyStream, IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _fed;
        private ReadOnlyMemory<byte> _rest;

        public void Feed(ReadOnlyMemory<byte> bytes)
        {
            _rest = bytes;
            _fed.SetResult(0);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!buffer.IsEmpty)
                return new(Take(ref _rest, buffer));
            _fed.Reset();
            return new(this, _fed.Version);
        }

        public int GetResult(short token) => _fed.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _fed.GetStatus(token);

        public void OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _fed.OnCompleted(continuation, state, token, flags);
    }
}
