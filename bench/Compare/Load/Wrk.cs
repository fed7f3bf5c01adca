using System.Globalization;

namespace CompareBench.Load;

/// <summary>wrk, HTTP/1.1: requests that are made before the first one is sent, of 10,000 users in turn.</summary>
internal sealed class Wrk(string directory)
{
    /// <summary>A path of the calendar route, in Lua.</summary>
    public const string Calendars = """ "/api/calendar/c" .. (i % 500) """;

    private const string Result = "result ";

    private readonly string _script = System.IO.Path.Combine(directory, $"load-{Guid.NewGuid():n}.lua");

    public required string Method { get; init; }

    /// <summary>In Lua, of the request's number <c>i</c>.</summary>
    public required string Path { get; init; }

    public int BodyBytes { get; init; }

    public int Connections { get; init; } = 32;

    private string Script => $$"""
        local requests, sent = {}, 0
        init = function()
          local body = {{(BodyBytes > 0 ? $"string.rep('x', {BodyBytes})" : "nil")}}
          for i = 1, 10000 do
            requests[i] = wrk.format("{{Method}}", {{Path}}, { ["X-User-Id"] = "user" .. i }, body)
          end
        end
        request = function()
          sent = sent % 10000 + 1
          return requests[sent]
        end
        done = function(summary, latency)
          local e = summary.errors
          io.write(string.format("{{Result}}%d %d %d %d %d %d\n", summary.requests, summary.duration,
            latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
            e.connect + e.read + e.write + e.status + e.timeout))
        end
        """;

    public async Task<LoadResult> RunAsync(Uri target, TimeSpan duration)
    {
        await File.WriteAllTextAsync(_script, Script);
        var output = await Command.RunAsync(
            "wrk", "-t1", $"-c{Connections}", $"-d{duration.TotalSeconds:0}s", "--timeout", "10s", "-s", _script, target.ToString());
        var line = output.Split('\n').Single(line => line.StartsWith(Result, StringComparison.Ordinal));
        var numbers = line[Result.Length..].Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new(
            numbers[0], TimeSpan.FromMicroseconds(numbers[1]), new(numbers[2] / 1e3, numbers[3] / 1e3, numbers[4] / 1e3), numbers[5]);
    }
}
