using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Harness;

namespace SystemTests;

/// <summary>
/// The calendar service is killed with SIGKILL and started again, over and over, under steady load: no idempotent request fails, and
/// every publish that somebody wanted is carried out exactly once. <c>KILL_ROUNDS</c> sets how often; <c>bench/kill</c> runs 20.
/// Holds docs/contract.md section 4: falling back.
/// </summary>
public sealed class KillTests
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("KILL_ROUNDS") ?? "3", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _published = [];

    [Fact]
    public async Task ServiceKilledUnderLoad_NoIdempotentRequestFails_NoPublishIsDoneTwice()
    {
        await using var system = await TestSystem.StartAsync();
        await RolloutTests.WholeStoryAsync(system);
        var (entry, before) = (await EntryAsync(system), await IntentsAsync(system));
        using var stop = new CancellationTokenSource();
        Task[] load =
        [
            ReadAsync(system, "/api/calendar/spring", stop.Token), ReadAsync(system, "/api/calendar/spring", stop.Token),
            ReadAsync(system, "/api/calendar/spring/export", stop.Token), ReadAsync(system, "/pages/1", stop.Token),
            PublishAsync(system, entry, stop.Token), PublishAsync(system, entry, stop.Token),
        ];

        for (var round = 0; round < Rounds; round++)
        {
            await ServedAsync("calendar");
            await system.ServiceProcess.KillAsync();
            await ServedAsync("legacy");
            system.StartService();
            await system.ServiceReadyAsync();
        }

        await ServedAsync("calendar");
        await stop.CancelAsync();
        await Task.WhenAll(load);
        var intents = (await IntentsAsync(system)).Except(before).ToArray();
        await ReportAsync(intents.Length);
        Assert.DoesNotContain(
            _answers.Keys, a => a.StartsWith("read", StringComparison.Ordinal) && !a.Contains(" 200 ", StringComparison.Ordinal));
        Assert.NotEmpty(_published);
        Assert.Equal(_published.Order(StringComparer.Ordinal), intents.Order(StringComparer.Ordinal));
    }

    /// <summary>Waits until the reads of the calendar that begin from now on are answered by this backend.</summary>
    private Task ServedAsync(string backend)
    {
        int Count() => _answers.Where(a => a.Key.StartsWith("read /api/calendar/spring 200 " + backend, StringComparison.Ordinal))
            .Sum(a => a.Value);
        var before = Count();
        return Eventually.TrueAsync($"{backend} serves", () => Count() >= before + (backend == "calendar" ? 100 : 5));
    }

    private async Task ReadAsync(TestSystem system, string path, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var response = await TestSystem.SendAsync(system.Public, HttpMethod.Get, path, "alice");
            var end = "whole";
            try
            {
                await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
            }
            catch (HttpRequestException)
            {
                end = "cut"; // The kill came in the middle of an answer: the end is visible, and nothing can be taken back.
            }

            Count($"read {path} {(int)response.StatusCode} {Served(response)} {end}");
            await Task.Delay(5, CancellationToken.None); // Steady, not as fast as possible: two cores carry three programs.
        }
    }

    /// <summary>As a careful client: the same key again until the service itself has said how it went.</summary>
    private async Task PublishAsync(TestSystem system, string entry, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = Guid.NewGuid().ToString("n");
            JsonElement? done = null;
            await Eventually.TrueAsync(
                "the service answers the publish", async () => (done = await TryPublishAsync(system, entry, key)) is not null);
            foreach (var intent in done!.Value.GetProperty("intents").EnumerateArray())
                _published.Enqueue(intent.GetProperty("intentId").GetString()!);
        }
    }

    private async Task<JsonElement?> TryPublishAsync(TestSystem system, string entry, string key)
    {
        using var response = await TestSystem.SendAsync(
            system.Public, HttpMethod.Post, "/api/publish", "alice",
            new { calendarId = "spring", entryIds = new[] { entry }, dryRun = true },
            ("Idempotency-Key", key));
        Count($"publish {(int)response.StatusCode} {Served(response)}");
        // The service's own refusals (a store that is away) are answers of their own and tried again.
        if (Served(response) != "calendar" || !response.IsSuccessStatusCode)
            return null;
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<string> EntryAsync(TestSystem system)
    {
        using var response = await TestSystem.SendAsync(system.Service, HttpMethod.Get, "/api/calendar/spring", "alice");
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("entries")[0].GetProperty("entryId").GetString()!;
    }

    private static async Task<string[]> IntentsAsync(TestSystem system)
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var path = "/api/publish/intents?calendarId=spring&limit=200" + (
                cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
            using var response = await TestSystem.SendAsync(system.Service, HttpMethod.Get, path, "alice");
            var page = await response.Content.ReadFromJsonAsync<JsonElement>();
            all.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("intentId").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return [.. all];
    }

    private static string Served(HttpResponseMessage response) => response.Headers.GetValues("X-Served-By").Single();

    private void Count(string answer) => _answers.AddOrUpdate(answer, 1, static (_, n) => n + 1);

    /// <summary>The numbers for people, where <c>KILL_REPORT</c> names a file.</summary>
    private async Task ReportAsync(int intents)
    {
        if (Environment.GetEnvironmentVariable("KILL_REPORT") is not { Length: > 0 } path)
            return;
        var lines = _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Value,8} {a.Key}");
        await File.WriteAllLinesAsync(path, [$"{Rounds} rounds", .. lines, $"{_published.Count,8} intents answered, {intents} stored"]);
    }
}
