using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CompareBench.Candidates;
using CompareBench.Reports;
using CompareBench.Running;

namespace CompareBench.Cases;

/// <summary>From exec to the first request that the origin answered.</summary>
internal static class StartCase
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<Section> RunAsync(Bench bench)
    {
        var starts = bench.Candidates.ToDictionary(static c => c, static _ => new List<Start>());
        for (var turn = 1; turn <= bench.Options.Starts; turn++)
        {
            foreach (var candidate in bench.Candidates)
            {
                var start = await StartAsync(bench, candidate);
                starts[candidate].Add(start);
                await bench.Progress.WriteLineAsync($"  {turn}/{bench.Options.Starts} {candidate.Name}: {start.Elapsed:0} ms");
            }
        }

        var bare = starts.FirstOrDefault(static s => s.Key.Name == BareYarp.Untuned).Value;
        return new(
            "Start",
            $"From exec to the first request that the origin answered, {bench.Options.Starts} starts of each in turns; a request is " +
            "tried every millisecond from the start on.",
            [
                new(
                    null, ["", "time to the first answer", "of bare YARP's", "processor time until then", "memory then"],
                    [.. starts.Select(s => CreateRow(s.Key.Name, s.Value, s.Value == bare ? null : bare))]),
            ],
            []);
    }

    private static string[] CreateRow(string name, List<Start> starts, List<Start>? bare) =>
    [
        name, new Spread(starts.Select(static s => s.Elapsed)).Format("0") + " ms",
        bare is null ? "" : Spread.OfRatios(starts.Select(static s => s.Elapsed), bare.Select(static s => s.Elapsed)).Format("0.00"),
        new Spread(starts.Select(static s => s.ProcessorTime)).Format("0") + " ms",
        $"{new Spread(starts.Select(static s => s.Resident)).Median:0} MB",
    ];

    private static async Task<Start> StartAsync(Bench bench, Candidate candidate)
    {
        var place = new Place(System.IO.Directory.CreateDirectory(Path.Combine(bench.Directory, "start")).FullName, 19100, 19101);
        try
        {
            var launch = candidate.Prepare(Bench.Job, place);
            var started = Stopwatch.GetTimestamp();
            await using var server = Server.Start(launch.Command, launch.Environment, place.Output);
            while (!await IsServedAsync(place.Port))
            {
                if (server.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                    throw new InvalidOperationException($"{candidate.Name} does not start:\n{File.ReadAllText(place.Output)}");
                await Task.Delay(1);
            }

            var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            return new(elapsed, server.ReadProcessorTime().TotalMilliseconds, server.ReadResident());
        }
        finally
        {
            System.IO.Directory.Delete(place.Directory, recursive: true);
        }
    }

    /// <summary>On a bare socket: a client that compiles while the candidate does would be measured too.</summary>
    private static async Task<bool> IsServedAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync("GET /api/calendar/c1 HTTP/1.1\r\nHost: localhost\r\nX-User-Id: user1\r\n\r\n"u8.ToArray());
            var buffer = new byte[4096];
            var read = await socket.ReceiveAsync(buffer);
            return Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Milliseconds, and megabytes.</summary>
    private sealed record Start(double Elapsed, double ProcessorTime, double Resident);
}
