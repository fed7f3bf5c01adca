using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace ServiceBench;

/// <summary>So many generations that all stream at the same time; what the service's process takes for them.</summary>
internal static class GenerationsBench
{
    public static async Task RunAsync(int count)
    {
        // A post every two seconds, so that all of them are under way together, as with a real model.
        await using var rig = await Rig.StartAsync(
            "Writer:BuiltIn:Pace=00:00:02", $"Generation:MaxConcurrentRuns={count.ToString(CultureInfo.InvariantCulture)}");
        await GenerateAsync(rig, 0, days: 1, new Tally()); // Warm.
        rig.ForgetPeak();
        var idle = rig.Megabytes("VmRSS");

        var tally = new Tally();
        var runs = Enumerable.Range(1, count).Select(run => GenerateAsync(rig, run, days: 30, tally)).ToArray();
        var all = Task.WhenAll(runs);
        while (!all.IsCompleted)
            await Task.WhenAny(all, Task.Delay(500));
        await all;

        await Clients.WriteAsync(
            $"{count} generations of 30 posts, {tally.MostAtOnce} streaming at once, {tally.Complete} complete, {tally.Entries} entries");
        await Clients.WriteAsync($"{"idle",-34} {idle,10:0} MB");
        await Clients.WriteAsync($"{"most",-34} {rig.Megabytes("VmHWM"),10:0} MB (target under 300 for 1,000)");
        await Clients.WriteAsync($"{"afterwards",-34} {rig.Megabytes("VmRSS"),10:0} MB");
    }

    private static async Task GenerateAsync(Rig rig, int run, int days, Tally tally)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/calendar/generate");
        request.Content = new StringContent(
            $$"""
              {"calendarId":"calendar-{{run}}","brief":"Garden tools in spring, number {{run}}","startDate":"2099-03-01","days":{{days}},
              "postsPerDay":1,"channels":["bluesky"],"timezone":"Europe/Berlin"}
              """,
            Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        request.Headers.Add("X-User-Id", $"user-{run % 100}");
        using var response = await rig.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var streaming = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "event: entry")
            {
                tally.Entry(first: !streaming);
                streaming = true;
            }
            else if (line.Contains("\"finishReason\":\"complete\"", StringComparison.Ordinal))
            {
                tally.Completed();
            }
        }
    }

    private sealed class Tally
    {
        private readonly Lock _gate = new();
        private int _streaming;

        public int MostAtOnce { get; private set; }

        public int Complete { get; private set; }

        public int Entries { get; private set; }

        public void Entry(bool first)
        {
            lock (_gate)
            {
                Entries++;
                if (first)
                    MostAtOnce = Math.Max(MostAtOnce, ++_streaming);
            }
        }

        public void Completed()
        {
            lock (_gate)
            {
                Complete++;
                _streaming--;
            }
        }
    }
}
