using System.Diagnostics;
using System.Globalization;
using ServiceDefaults.Correlation;
using ServiceDefaults.Logging;

namespace LogsBench;

/// <summary>Lines come in bursts, as a publish logs its intents; a pause of zero is one burst after the other.</summary>
internal sealed record Load(string Name, int Burst, TimeSpan Pause);

/// <summary>Of one line, from the call to the byte in the file, the writer's own threads included.</summary>
internal sealed record Cost(double LinesPerSecond, double ProcessorNs, double Allocated, double Syscalls)
{
    public static Cost Measure(Func<ILineLog> start, Load load, int lines)
    {
        var log = start();
        var fields = new RequestFields
        {
            RequestId = "01990b4e-6f3c-7c59-a9a5-0d3f9e8b7a61", UserId = "user-4711", CalendarId = "01990b4e-6f3c-7c59-a9a5-0d3f9e8b7a62",
            RunId = "01990b4e-6f3c-7c59-a9a5-0d3f9e8b7a63",
        };
        using var activity = new Activity("publish").Start();
        using var never = new ManualResetEvent(initialState: false); // A pool's threads would spin.
        using var scope = log.Begin(fields);
        GC.Collect();

        var (clock, processor, allocated, writes) = (
            Stopwatch.GetTimestamp(), Processor(), GC.GetTotalAllocatedBytes(precise: true), Writes());
        for (var n = 0; n < lines;)
        {
            for (var end = Math.Min(n + load.Burst, lines); n < end; n++)
                log.WriteLine(fields);
            if (load.Pause > TimeSpan.Zero)
                never.WaitOne(load.Pause);
        }

        log.Dispose(); // Everything is written.
        var took = Stopwatch.GetElapsedTime(clock);
        return new(
            lines / took.TotalSeconds, (Processor() - processor).TotalNanoseconds / lines,
            (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / lines, (double)(Writes() - writes) / lines);
    }

    private static TimeSpan Processor()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static long Writes() => long.Parse(
        File.ReadLines("/proc/self/io").First(line => line.StartsWith("syscw", StringComparison.Ordinal)).Split(' ')[1],
        CultureInfo.InvariantCulture);
}
