using System.Diagnostics;

namespace Peers;

/// <summary>Time from sending a request to the first byte of its event stream, directly and through the gateway.</summary>
internal static class FirstEvent
{
    public static async Task CompareAsync(Uri direct, Uri through, int count)
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler);
        var times = new Dictionary<Uri, List<double>> { [direct] = [], [through] = [] };
        for (var i = -50; i < count; i++)
        {
            foreach (var (url, list) in times)
            {
                var elapsed = await OnceAsync(client, url);
                if (i >= 0)
                    list.Add(elapsed.TotalMilliseconds);
            }
        }

        foreach (var (name, list) in new[] { ("direct", times[direct]), ("gateway", times[through]) })
        {
            list.Sort();
            await Console.Out.WriteLineAsync(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{name,-8} first event: median {list[list.Count / 2]:0.00} ms, p99 {list[list.Count * 99 / 100]:0.00} ms ({list.Count} streams)"));
        }
    }

    private static async Task<TimeSpan> OnceAsync(HttpClient client, Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new StringContent("{}", null, "application/json");
        request.Headers.Add("X-User-Id", "alice");
        var started = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[4096];
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 1));
        var elapsed = Stopwatch.GetElapsedTime(started);
        while (await stream.ReadAsync(buffer) > 0)
        {
            // To the end, so that the connection is used again.
        }

        return elapsed;
    }
}
