using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Harness;

namespace SystemTests;

/// <summary>
/// The move as an operator makes it: off, on for the canary, service dead, service back, rolled back.
/// Holds docs/contract.md section 10: the rollout.
/// </summary>
public sealed class RolloutTests
{
    private static readonly object Brief = new
    {
        calendarId = "spring",
        brief = "Spring sale of garden tools",
        startDate = "2027-03-26",
        days = 4,
        postsPerDay = 2,
        channels = new[] { "linkedin", "x" },
        timezone = "Europe/Berlin",
    };

    [Fact]
    public async Task FlagsOff_EveryFlaggedRoute_IsLegacyOrDryRun()
    {
        await using var system = await TestSystem.StartAsync();

        await AssertServedAsync(system, HttpMethod.Post, "/api/calendar/generate", Brief, "legacy", "flag-off");
        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar/spring", null, "legacy", "flag-off");
        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar/spring/export", null, "dry-run", "flag-off");
        await AssertServedAsync(
            system, HttpMethod.Post, "/api/publish", new { calendarId = "spring", dryRun = true }, "dry-run", "flag-off");
        await AssertServedAsync(system, HttpMethod.Get, "/anything", null, "legacy", "ungated");
    }

    [Fact]
    public async Task EnvironmentKeyOff_FileOn_StaysOff()
    {
        await using var system = await TestSystem.StartAsync(environmentOn: false);
        await system.SwitchAsync(on: true);

        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar", null, "legacy", "flag-off");
    }

    [Fact]
    public async Task FlagsOn_CanaryUser_GeneratesEditsExportsAndPublishes_OthersStayOnLegacy()
    {
        await using var system = await TestSystem.StartAsync();
        await WholeStoryAsync(system);
    }

    [Fact]
    public async Task ServiceKilled_Reads_FallBackAndReturn_AndRollbackLosesNothing()
    {
        await using var system = await TestSystem.StartAsync();
        await WholeStoryAsync(system);
        var before = await SnapshotAsync(system);

        await system.ServiceProcess.KillAsync();
        // The very first request after the kill already has an answer, whatever the probes know yet.
        using (var first = await TestSystem.SendAsync(system.Public, HttpMethod.Get, "/api/calendar/spring", "alice"))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal("legacy", Served(first));
            Assert.Contains(Reason(first), (string[])["not-sent", "unhealthy", "failed"]);
            Assert.StartsWith("gateway; error=", first.Headers.GetValues("Proxy-Status").Single());
        }

        await system.BackendAsync("calendar", "unhealthy");
        await AssertServedAsync(
            system, HttpMethod.Post, "/api/publish", new { calendarId = "spring", dryRun = true }, "dry-run", "unhealthy");
        system.StartService();
        await system.BackendAsync("calendar", "available");
        await Eventually.TrueAsync("alice is served by the calendar service again", async () =>
        {
            using var again = await TestSystem.SendAsync(system.Public, HttpMethod.Get, "/api/calendar/spring", "alice");
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            return Served(again) == "calendar";
        });
        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar/spring", null, "calendar", "in-cohort");

        await system.SwitchAsync(on: false);
        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar/spring", null, "legacy", "flag-off");
        Assert.Equal(before, await SnapshotAsync(system));
        await system.SwitchAsync(on: true);
        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar/spring", null, "calendar", "in-cohort");
    }

    /// <summary>Generate, edit, export, publish through the gateway as alice; bob is outside.</summary>
    internal static async Task WholeStoryAsync(TestSystem system)
    {
        await system.SwitchAsync(on: true);
        await AssertServedAsync(system, HttpMethod.Get, "/api/calendar", null, "legacy", "outside-cohort", "bob");

        using (var generate = await TestSystem.SendAsync(system.Public, HttpMethod.Post, "/api/calendar/generate", "alice", Brief))
        {
            Assert.Equal(("calendar", "in-cohort"), (Served(generate), Reason(generate)));
            var stream = await generate.Content.ReadAsStringAsync();
            Assert.Equal(8, stream.Split("event: entry\n").Length - 1);
            Assert.EndsWith("\n\n", stream);
            Assert.Contains("\"finishReason\":\"complete\"", stream.Split("event: done\n")[1]);
        }

        var calendar = await GetAsync(system, "/api/calendar/spring");
        Assert.Equal(8, calendar.GetProperty("entries").GetArrayLength());
        var entry = calendar.GetProperty("entries")[0].GetProperty("entryId").GetString();
        using (var edited = await TestSystem.SendAsync(
            system.Public, HttpMethod.Patch, $"/api/calendar/spring/entries/{entry}", "alice", new { text = "Edited by hand" },
            ("If-Match", $"\"{calendar.GetProperty("version").GetInt64()}\"")))
            Assert.Equal(HttpStatusCode.OK, edited.StatusCode);

        using (var csv = await TestSystem.SendAsync(system.Public, HttpMethod.Get, "/api/calendar/spring/export?format=csv", "alice"))
            Assert.Contains("Edited by hand", await csv.Content.ReadAsStringAsync());

        using var publish = await TestSystem.SendAsync(
            system.Public, HttpMethod.Post, "/api/publish", "alice", new { calendarId = "spring", dryRun = true },
            ("Idempotency-Key", "once-and-only-once"));
        Assert.Equal(HttpStatusCode.OK, publish.StatusCode);
        Assert.Equal("calendar", Served(publish));
        Assert.Equal(16, (await publish.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("intents").GetArrayLength());
        Assert.DoesNotContain(system.Legacy.Requests, r => r.Contains("publish", StringComparison.Ordinal));
    }

    private static async Task<string> SnapshotAsync(TestSystem system)
    {
        // Past the gateway: what is stored, not what a flag lets a user see.
        using var calendar = await TestSystem.SendAsync(system.Service, HttpMethod.Get, "/api/calendar/spring", "alice");
        using var intents = await TestSystem.SendAsync(
            system.Service, HttpMethod.Get, "/api/publish/intents?calendarId=spring&limit=200", "alice");
        Assert.True(calendar.IsSuccessStatusCode && intents.IsSuccessStatusCode);
        return await calendar.Content.ReadAsStringAsync() + await intents.Content.ReadAsStringAsync();
    }

    private static async Task<JsonElement> GetAsync(TestSystem system, string path)
    {
        using var response = await TestSystem.SendAsync(system.Public, HttpMethod.Get, path, "alice");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task AssertServedAsync(
        TestSystem system, HttpMethod method, string path, object? body, string backend, string reason, string user = "alice")
    {
        using var response = await TestSystem.SendAsync(system.Public, method, path, user, body);
        Assert.Equal((backend, reason), (Served(response), Reason(response)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static string Served(HttpResponseMessage response) => response.Headers.GetValues("X-Served-By").Single();

    private static string Reason(HttpResponseMessage response) => response.Headers.GetValues("X-Route-Reason").Single();
}
