using System.Globalization;
using System.Text.RegularExpressions;

namespace CompareBench.Load;

/// <summary>
/// h2load, HTTP/2 in clear by prior knowledge: 8 connections with 4 requests each under way. All requests of a round have the same headers,
/// so each round is another user.
/// </summary>
internal sealed partial class H2Load(string directory)
{
    private readonly string _log = Path.Combine(directory, "h2load.log");
    private int _user;

    public async Task<LoadResult> RunAsync(Uri target, TimeSpan duration)
    {
        File.Delete(_log); // It adds to what is there.
        var output = await Command.RunAsync(
            "h2load", "-t1", "-c8", "-m4", "-D", $"{duration.TotalSeconds:0}", "--log-file", _log,
            "-H", $"X-User-Id: user{++_user}", new Uri(target, "/api/calendar/c1").ToString());
        var counts = Counts().Match(output);
        var good = long.Parse(counts.Groups["good"].Value, CultureInfo.InvariantCulture);
        var failed = long.Parse(counts.Groups["failed"].Value, CultureInfo.InvariantCulture);
        var statuses = long.Parse(Statuses().Match(output).Groups["good"].Value, CultureInfo.InvariantCulture);
        return new(good, duration, ReadLatency(), failed + good - statuses);
    }

    /// <remarks>A line of the log is the start, the status and the duration of a request, in microseconds.</remarks>
    private Latency ReadLatency()
    {
        var durations = File.ReadLines(_log)
            .Select(static line => double.Parse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture) / 1e3)
            .Order().ToArray();
        double At(double share) => durations[(int)((durations.Length - 1) * share)];
        return new(At(0.5), At(0.99), At(0.999));
    }

    [GeneratedRegex(@"(?<good>\d+) succeeded, (?<failed>\d+) failed", RegexOptions.ExplicitCapture)]
    private static partial Regex Counts();

    [GeneratedRegex(@"status codes: (?<good>\d+) 2xx", RegexOptions.ExplicitCapture)]
    private static partial Regex Statuses();
}
