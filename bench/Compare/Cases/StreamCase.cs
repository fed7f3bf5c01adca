using System.Globalization;
using CompareBench.Candidates;
using CompareBench.Reports;
using CompareBench.Running;
using CompareBench.Streams;

namespace CompareBench.Cases;

/// <summary>
/// Event streams at an event a second, all open at once through one candidate after the other, and directly from the origin in the same
/// turn.
/// </summary>
internal static class StreamCase
{
    private const string Direct = "direct";

    /// <summary>Until what opening so many has stirred up is over.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    public static async Task<Section> RunAsync(Bench bench)
    {
        var count = Math.Min(bench.Options.Streams, MostStreams());
        await using var origin = Origin.StartStreams(bench.Directory);
        var job = new Job(Origin.Streams, Origin.Streams) { Streams = count };
        await using var lineUp = await bench.StartAsync(job);
        var subjects = lineUp.Contenders.Select(static c => new Subject(c.Name, c.Address, c.Server))
            .Prepend(new Subject(Direct, Origin.Streams, null)).ToArray();

        await WarmUpAsync(bench, subjects, Few(count));
        var tables = new List<Table>();
        var bars = new List<Bar>();
        foreach (var atOnce in (bool[])[false, true])
        {
            await bench.Progress.WriteLineAsync($"  {count} streams, {(atOnce ? "all events at once" : "events spread over the second")}");
            foreach (var subject in subjects)
                subject.Rounds.Clear();
            for (var turn = 1; turn <= bench.Options.Pace.Rounds; turn++)
            {
                foreach (var subject in subjects)
                    await MeasureAsync(bench, subject, count, atOnce, turn);
            }

            tables.Add(CreateTable(atOnce ? "All events of a second at the same moment:" : "Events spread over the second:", subjects));
            bars.AddRange(CreateBars(atOnce ? "Streams, at once" : "Streams", subjects));
        }

        return new(
            "Event streams",
            $"{count:N0} event streams (POST {StreamOrigin.Path}), an event of about 200 bytes a second, from an origin on bare sockets. " +
            "Delivery is the time from before the origin's write to after the reader's read; what a candidate adds is the difference to " +
            "the direct way in the same turn. The first event is timed while the streams are opened, one after the other. Memory a " +
            $"stream is how much the process grew from {Few(count):N0} streams to {count:N0}, without the kernel's for sockets." +
            (count < bench.Options.Streams ? $" {bench.Options.Streams:N0} were asked for: the limit of open files allows fewer." : ""),
            tables, bars);
    }

    /// <summary>A proxy has two connections for each stream, and a few files beside.</summary>
    private static int MostStreams()
    {
        var limit = File.ReadLines("/proc/self/limits").First(static l => l.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return limit == "unlimited" ? int.MaxValue : (int.Parse(limit, CultureInfo.InvariantCulture) - 400) / 2;
    }

    private static int Few(int count) => Math.Max(1, count / 10);

    /// <summary>With a tenth of the streams: what the process holds then, it holds for them and for itself.</summary>
    private static async Task WarmUpAsync(Bench bench, IEnumerable<Subject> subjects, int few)
    {
        foreach (var subject in subjects)
        {
            await bench.Progress.WriteLineAsync($"  {subject.Name}: warming up for {bench.Options.Pace.WarmUp.TotalSeconds:0} s");
            await using var readers = await StreamReaders.OpenAsync(subject.Address, few, atOnce: false);
            await Task.Delay(bench.Options.Pace.WarmUp);
            subject.ResidentWithFew = subject.Server?.ReadResident() ?? 0;
            subject.Few = few;
        }
    }

    private static async Task MeasureAsync(Bench bench, Subject subject, int count, bool atOnce, int turn)
    {
        await using var readers = await StreamReaders.OpenAsync(subject.Address, count, atOnce);
        await Task.Delay(Settling);
        var before = subject.Server?.ReadProcessorTime() ?? TimeSpan.Zero;
        var delivered = await readers.RecordAsync(bench.Options.Pace.Round);
        var processor = (subject.Server?.ReadProcessorTime() ?? TimeSpan.Zero) - before;
        if (subject is { Server: { } server, KilobytesAStream: null })
            subject.KilobytesAStream = (server.ReadResident() - subject.ResidentWithFew) * 1024 / (count - subject.Few);
        double[] first = [.. readers.FirstEvents.Order()];
        var round = new StreamRound(
            Percentile.Of(delivered, 50), Percentile.Of(delivered, 99), Percentile.Of(first, 50), Percentile.Of(first, 99),
            processor.TotalMicroseconds / delivered.Length);
        subject.Rounds.Add(round);
        await bench.Progress.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {turn} {subject.Name}: p50 {round.P50:0.00} ms, p99 {round.P99:0.00} ms, {round.ProcessorTime:0.0} µs an event"));
    }

    private static Table CreateTable(string caption, Subject[] subjects)
    {
        var direct = subjects.Single(static s => s.Name == Direct);
        var bare = FindBare(subjects);
        return new(
            caption,
            [
                "", "delivery p50", "p99", "added p50", "added p99", "processor time an event", "of bare YARP's", "first event p50, p99",
                "memory a stream", "memory at most",
            ],
            [.. subjects.Select(s => CreateRow(s, direct, bare))]);
    }

    private static string[] CreateRow(Subject subject, Subject direct, Subject? bare)
    {
        string Median(Func<StreamRound, double> of) =>
            new Spread(subject.Rounds.Select(of)).Median.ToString("0.00", CultureInfo.InvariantCulture);
        string Added(Func<StreamRound, double> of) =>
            new Spread(subject.Rounds.Zip(direct.Rounds, (r, d) => of(r) - of(d))).Format("0.00") + " ms";
        var delivery = new[] { $"{Median(static r => r.P50)} ms", $"{Median(static r => r.P99)} ms" };
        var first = $"{Median(static r => r.FirstP50)} ms, {Median(static r => r.FirstP99)} ms";
        if (subject.Server is null)
            return [subject.Name, .. delivery, "", "", "", "", first, "", ""];
        return
        [
            subject.Name, .. delivery, Added(static r => r.P50), Added(static r => r.P99),
            new Spread(subject.Rounds.Select(static r => r.ProcessorTime)).Format("0.0") + " µs",
            bare is null || subject == bare ? "" : OfBare(subject, bare).Format("0.00"),
            first, $"{subject.KilobytesAStream:0.0} KB", $"{subject.Server.ReadPeak():0} MB",
        ];
    }

    private static IEnumerable<Bar> CreateBars(string group, Subject[] subjects) => FindBare(subjects) is { } bare
        ? subjects.Where(s => s.Server is not null && s != bare).Select(s => new Bar(group, s.Name, null, OfBare(s, bare).Median))
        : [];

    private static Spread OfBare(Subject subject, Subject bare) =>
        Spread.OfRatios(subject.Rounds.Select(static r => r.ProcessorTime), bare.Rounds.Select(static r => r.ProcessorTime));

    private static Subject? FindBare(Subject[] subjects) => subjects.FirstOrDefault(static s => s.Name == BareYarp.Untuned);

    /// <summary>A way to the origin.</summary>
    private sealed record Subject(string Name, Uri Address, Server? Server)
    {
        public List<StreamRound> Rounds { get; } = [];

        public int Few { get; set; }

        /// <summary>Megabytes.</summary>
        public double ResidentWithFew { get; set; }

        /// <summary>Of the first round: later ones find what the first has left.</summary>
        public double? KilobytesAStream { get; set; }
    }

    /// <summary>Milliseconds, and microseconds of processor time an event.</summary>
    private sealed record StreamRound(double P50, double P99, double FirstP50, double FirstP99, double ProcessorTime);
}
