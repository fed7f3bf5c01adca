using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Logging;

namespace Gateway.Tests.Logs;

/// <summary>When lines go out: soon, whole, in order, every one. Holds docs/contract.md section 8: logs.</summary>
public sealed class LogWritingTests
{
    private const int MostUnwritten = 16_384;

    [Fact]
    public async Task Line_WithoutAnotherAfterIt_IsWritten()
    {
        var output = new Gate(open: true);
        using var services = Logs(output);
        var log = Logger(services);

        for (var n = 1; n <= 3; n++)
        {
            log.LogInformation("line {Number}", n);
            await Eventually.TrueAsync($"line {n} is written", () => output.Lines.Length == n);
        }
    }

    [Fact]
    public async Task Lines_OfManyThreads_AreWholeInOrderAndAllThereAtTheEnd()
    {
        var output = new Gate(open: true);
        using (var services = Logs(output))
        {
            var log = Logger(services);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            {
                for (var n = 0; n < 5_000; n++)
                    log.LogInformation("{Thread} {Number} {Filling}", thread, n, new string('x', n % 400));
            })));
        }

        var messages = output.Lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToArray();
        foreach (var thread in messages.GroupBy(line => line.GetProperty("thread").GetInt32()))
            Assert.Equal(Enumerable.Range(0, 5_000), thread.Select(line => line.GetProperty("number").GetInt32()));
        Assert.Equal(40_000, messages.Length);
        Assert.All(output.Pieces, piece => Assert.EndsWith("}\n", piece, StringComparison.Ordinal));
        Assert.True(output.Pieces.Count < 4_000, $"{output.Pieces.Count} writes");
    }

    [Fact]
    public async Task Queue_Full_HoldsUpWhoLogsAndLosesNothing()
    {
        var output = new Gate(open: false);
        var logged = 0;
        using (var services = Logs(output))
        {
            var log = Logger(services);
            var logging = new Thread(() =>
            {
                for (; logged < MostUnwritten + 100; Interlocked.Increment(ref logged))
                    log.LogInformation("{Number}", logged);
            });
            logging.Start();
            try
            {
                await Eventually.TrueAsync("who logs waits, the queue being full", () =>
                    Volatile.Read(ref logged) == MostUnwritten && logging.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
                Assert.Empty(output.Lines);
            }
            finally
            {
                output.Open();
                logging.Join();
            }
        }

        Assert.Equal(MostUnwritten + 100, output.Lines.Length);
    }

    [Fact]
    public async Task Output_ThatFails_CostsTheseLinesOnly()
    {
        var output = new Gate(open: true) { Fails = true };
        using var services = Logs(output);
        var log = Logger(services);

        log.LogInformation("lost");
        await Eventually.TrueAsync("a write was tried", () => output.Failures > 0);
        output.Fails = false;
        log.LogInformation("kept");

        await Eventually.TrueAsync("the next line is written", () => output.Lines.Length == 1);
        Assert.Contains("kept", output.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_ThatLogsWhileItIsWritten_HarmsNeither()
    {
        var output = new Gate(open: true);
        using var services = Logs(output);
        var log = Logger(services);

        log.LogInformation("The first line of a thread has all to itself.");
        log.LogError(new Talkative(log), "outer");

        await Eventually.TrueAsync("all are written", () => output.Lines.Length == 3);
        Assert.Contains("\"message\":\"inner\"", output.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith("\"message\":\"outer\",\"exception\":\"talked\"}", Shortened(output.Lines[2]), StringComparison.Ordinal);
    }

    private static string Shortened(string line) => line.Remove(line.IndexOf(",\"requestId\"", StringComparison.Ordinal))
        + line[line.IndexOf(",\"exception\"", StringComparison.Ordinal)..];

    private static ServiceProvider Logs(TextWriter output)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddJsonLogs("test", output);
        return builder.Services.BuildServiceProvider();
    }

    private static ILogger Logger(ServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger("Test");

    private sealed class Talkative(ILogger log) : Exception
    {
        public override string ToString()
        {
            log.LogInformation("inner");
            return "talked";
        }
    }

    /// <summary>An output that takes nothing until it is opened, and can fail like a full disk.</summary>
    private sealed class Gate(bool open) : TextWriter(CultureInfo.InvariantCulture)
    {
        private readonly ManualResetEventSlim _open = new(open);
        private readonly List<string> _pieces = [];
        private int _failures;

        public override Encoding Encoding => Encoding.UTF8;

        public bool Fails { get; set; }

        public int Failures => Volatile.Read(ref _failures);

        public IReadOnlyList<string> Pieces
        {
            get
            {
                lock (_pieces)
                    return [.. _pieces];
            }
        }

        public string[] Lines => string.Concat(Pieces).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public void Open() => _open.Set();

        public override void Write(string? value)
        {
            _open.Wait();
            if (Fails)
            {
                Interlocked.Increment(ref _failures);
                throw new IOException("No space left on device");
            }

            lock (_pieces)
                _pieces.Add(value!);
        }
    }
}
