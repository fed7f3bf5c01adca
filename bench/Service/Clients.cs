using System.Diagnostics;
using System.Globalization;

namespace ServiceBench;

/// <summary>Clients that each do one thing after the other for a while.</summary>
internal static class Clients
{
    /// <param name="work">Gets the client's number; answers how many things it did.</param>
    public static async Task<Sample> RunAsync(int clients, TimeSpan time, Func<int, Task<int>> work)
    {
        var started = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var (done, times) = (0, new List<double>());
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                var at = Stopwatch.GetTimestamp();
                done += await work(client);
                times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }

            return (done, times);
        })));
        return new(all.Sum(one => one.done), Stopwatch.GetElapsedTime(started), [.. all.SelectMany(one => one.times)]);
    }

    public static Task WriteAsync(FormattableString line) => Console.Out.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}

/// <param name="Times">Milliseconds of each call.</param>
internal sealed record Sample(int Done, TimeSpan Elapsed, IReadOnlyList<double> Times)
{
    public static readonly Sample None = new(0, TimeSpan.Zero, []);

    public double PerSecond => Done / Elapsed.TotalSeconds;

    public double Percentile(int of) => Times.Count == 0 ? double.NaN : Times.Order()
        .ElementAt(Math.Min(Times.Count - 1, Times.Count * of / 100));

    public static Sample operator +(Sample a, Sample b) => new(a.Done + b.Done, a.Elapsed + b.Elapsed, [.. a.Times, .. b.Times]);
}
