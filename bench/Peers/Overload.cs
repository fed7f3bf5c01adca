using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Peers;

/// <summary>A backend that can do so much and no more, and a load that does not wait for it.</summary>
internal static class Overload
{
    public const int Workers = 8;
    public static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    /// <summary>An answer later than this is worth nothing to whoever asked.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    /// <summary>Requests a second that the backend can answer.</summary>
    private static double Capacity => Workers / Work.TotalSeconds;

    public static void MapSlowBackend(this WebApplication app)
    {
        var workers = new SemaphoreSlim(Workers);
        app.Map("/{**rest}", async context =>
        {
            await workers.WaitAsync(context.RequestAborted);
            try
            {
                await Task.Delay(Work, context.RequestAborted);
                await context.Response.WriteAsync("done");
            }
            finally
            {
                workers.Release();
            }
        });
    }

    public static async Task MeasureAsync(Uri url, int seconds)
    {
        await OfferAsync(url, Capacity / 2, 2); // Warm.
        var goodput = new Dictionary<double, double>();
        await WriteAsync($"capacity {Capacity:0} requests/s, {seconds} s each, an answer counts within {Deadline.TotalSeconds:0} s");
        await WriteAsync($"{"offered",10} {"goodput/s",10} {"refused/s",10} {"other/s",10}");
        foreach (var factor in (double[])[0.5, 0.9, 1, 1.2, 1.5, 2, 3])
        {
            var (good, refused, other) = await OfferAsync(url, Capacity * factor, seconds);
            goodput[factor] = good;
            await WriteAsync($"{factor,9:0.0}x {good,10:0} {refused,10:0} {other,10:0}");
        }

        var ratio = goodput[2] / goodput.Values.Max();
        await WriteAsync($"goodput at twice the capacity: {ratio:P0} of the peak");
        Environment.ExitCode = ratio >= 0.9 ? 0 : 1;
    }

    private static Task WriteAsync(FormattableString line) => Console.Out.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));

    private static async Task<(double Good, double Refused, double Other)> OfferAsync(Uri url, double rate, int seconds)
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var asked = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds is var elapsed && elapsed < seconds)
        {
            while (asked.Count < elapsed * rate)
                asked.Add(AskAsync(client, url, counts));
            await timer.WaitForNextTickAsync();
        }

        await Task.WhenAll(asked);
        double PerSecond(string what) => counts.GetValueOrDefault(what) / (double)seconds;
        return (PerSecond("good"), PerSecond("refused"), PerSecond("other"));
    }

    private static async Task AskAsync(HttpClient client, Uri url, ConcurrentDictionary<string, int> counts)
    {
        var started = Stopwatch.GetTimestamp();
        string what;
        try
        {
            using var response = await client.GetAsync(url);
            what = (int)response.StatusCode switch
            {
                200 when Stopwatch.GetElapsedTime(started) <= Deadline => "good",
                503 when response.Headers.RetryAfter is not null => "refused",
                _ => "other",
            };
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            what = "other";
        }

        counts.AddOrUpdate(what, 1, static (_, n) => n + 1);
    }
}
