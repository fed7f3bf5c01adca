using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Exchanges;
using Gateway.Health;
using Gateway.Upstream;

namespace Gateway.Tests.Upstream;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class NoticingTests
{
    [Fact]
    public void ShippedProbes_DeadBackend_IsKnownWithinASecond()
    {
        using var config = new ConfigDirectory();
        foreach (var (name, cluster) in config.Clusters)
        {
            var active = cluster!["HealthCheck"]!["Active"]!;
            var fall = int.Parse((string?)cluster["Metadata"]?["Health.Fall"] ?? "2", CultureInfo.InvariantCulture);
            var interval = TimeSpan.Parse((string)active["Interval"]!, CultureInfo.InvariantCulture);
            Assert.True(interval * fall <= TimeSpan.FromSeconds(1), $"{name}: {fall} probes every {interval}");
            Assert.Equal(RiseFallHealthPolicy.PolicyName, (string?)active["Policy"]);
        }
    }

    [Fact]
    public async Task Backend_Flapping_KeepsTheStateItHad()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var probes = 0;
        calendar.HealthAnswer = () => Interlocked.Increment(ref probes) % 2 == 0 ? 200 : 503;
        await using var gateway = await new GatewaySetup(calendar).Open().Probing("calendar").StartAsync();

        // Unknown at first, then healthy by its first good probe; from then on every second probe fails, and never two in a row.
        await Eventually.TrueAsync("it was judged", () => Volatile.Read(ref probes) >= 3);
        while (Volatile.Read(ref probes) < 12)
            Assert.Equal("available", Availability(await gateway.StatusAsync()));

        calendar.HealthAnswer = () => 503;
        await gateway.BackendIsAsync("calendar", "unhealthy");
        Volatile.Write(ref probes, 0);
        calendar.HealthAnswer = () => Interlocked.Increment(ref probes) % 2 == 0 ? 200 : 503;
        while (Volatile.Read(ref probes) < 10)
            Assert.Equal("unhealthy", Availability(await gateway.StatusAsync()));
    }

    /// <summary>YARP's overload without the route reports to the first cluster (yarp#1750).</summary>
    [Fact]
    public async Task PassiveHealth_FallbackFails_BlamesTheBackendThatWasAsked()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Resets();
        await using var gateway = await new GatewaySetup(calendar, legacy)
            .Option("Upstream:Circuit:MinimumThroughput", "1000000")
            .Edit(config =>
            {
                foreach (var (_, cluster) in config.Clusters)
                {
                    cluster!["HealthCheck"]!["Passive"] = new JsonObject
                    {
                        ["Enabled"] = true, ["Policy"] = "TransportFailureRate", ["ReactivationPeriod"] = "00:10:00",
                    };
                }
            })
            .StartAsync();

        // The flag is off: the route's own cluster is calendar, and legacy is the one that answers and fails.
        for (var i = 0; i < 12; i++)
            (await gateway.GetAsync("/api/calendar/c1", "ada")).Dispose();

        await Eventually.TrueAsync("legacy is blamed", async () => Passive(await gateway.StatusAsync(), "legacy") == "unhealthy");
        await gateway.BackendIsAsync("legacy", "unhealthy");
        Assert.NotEqual("unhealthy", Passive(await gateway.StatusAsync(), "calendar"));
        Assert.Empty(calendar.Requests);
    }

    [Fact]
    public async Task Ramp_BackendIsBack_HoldsUsersBackAndRefusesNobody()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar").Probing("legacy")
            .Option("Upstream:Ramp", "00:10:00").StartAsync();
        calendar.HealthStatus = 503;
        await gateway.BackendIsAsync("calendar", "unhealthy");
        (await gateway.GetAsync("/api/calendar/c1", "ada")).Dispose();
        calendar.HealthStatus = 200;
        await gateway.BackendIsAsync("calendar", "available");

        using (var held = await gateway.GetAsync("/api/calendar/c1", "ada"))
            Assert.Equal(("legacy", "unhealthy"), (held.ServedBy(), held.Reason()));
        // Only a dry-run could stand in on this route, and the service is up.
        using (var publish = await gateway.GetAsync("/api/publish/intents?calendarId=c1", "ada"))
            Assert.Equal(("calendar", "in-cohort"), (publish.ServedBy(), publish.Reason()));

        legacy.HealthStatus = 503;
        await gateway.BackendIsAsync("legacy", "unhealthy");
        using var nobodyElse = await gateway.GetAsync("/api/calendar/c1", "ada");
        Assert.Equal((200, "calendar"), ((int)nobodyElse.StatusCode, nobodyElse.ServedBy()));
    }

    [Fact]
    public async Task Ramp_BackendIsBack_BeginsWithoutARequest()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar")
            .Option("Upstream:Ramp", "00:00:00.300").StartAsync();
        calendar.HealthStatus = 503;
        await gateway.BackendIsAsync("calendar", "unhealthy");
        (await gateway.GetAsync("/api/calendar/c1", "ada")).Dispose();
        calendar.HealthStatus = 200;
        await gateway.BackendIsAsync("calendar", "available");
        await Task.Delay(TimeSpan.FromMilliseconds(350)); // As long as the ramp: nobody asks meanwhile.

        // Whoever they are: the ramp is over.
        for (var i = 0; i < 20; i++)
        {
            using var answer = await gateway.GetAsync("/api/calendar/c1", $"user{i}");
            Assert.Equal(("calendar", "in-cohort"), (answer.ServedBy(), answer.Reason()));
        }
    }

    [Fact]
    public void Ramp_TimePasses_LetsInEachUserOnceAndForGood()
    {
        var users = Enumerable.Range(0, 500).Select(i => new Caller($"user{i}", [])).ToArray();
        HashSet<string?> inside = [];
        for (var second = 0; second <= 10; second++)
        {
            var share = second / 10.0;
            var now = users.Where(u => !Ramp.HoldsBack(u, share)).Select(u => u.UserId).ToHashSet();
            Assert.Superset(inside, now);
            Assert.InRange(now.Count, users.Length * (second - 1) / 10, users.Length * (second + 1) / 10);
            inside = now;
        }

        Assert.Equal(users.Length, inside.Count);
    }

    private static JsonElement Backend(JsonElement status, string id) =>
        status.GetProperty("backends").EnumerateArray().Single(b => b.GetProperty("id").GetString() == id);

    private static string? Availability(JsonElement status) => Backend(status, "calendar").GetProperty("availability").GetString();

    private static string? Passive(JsonElement status, string id) =>
        Backend(status, id).GetProperty("destinations")[0].GetProperty("passive").GetString();
}
