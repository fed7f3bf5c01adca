using System.Text.Json.Nodes;

namespace Gateway.Tests.Upstream;

/// <summary>Holds docs/contract.md section 3: one destination of two, or one route of a backend, is no reason to leave the others.</summary>
public sealed class DestinationTests
{
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Cluster_OneDestinationRefuses_TheOtherServesEveryRequest(string method)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await TwoOfLegacyAsync(OwnPorts.Nowhere, legacy);

        for (var i = 0; i < 20; i++)
        {
            using var answer = await gateway.Client.SendAsync(
                GatewayHarness.Request(new(method), "/", null, method == "POST" ? new ByteArrayContent(new byte[100_000]) : null));
            Assert.Equal((200, "legacy", "ungated"), ((int)answer.StatusCode, answer.ServedBy(), answer.Reason()));
        }

        Assert.Equal(20, legacy.Requests.Count);
        Assert.All(legacy.Requests, r => Assert.Equal(method == "POST" ? 100_000 : 0, r.Body.Length));
    }

    [Fact]
    public async Task Cluster_OneDestinationFails_IsLeftOutWhileTheOtherServes()
    {
        await using var broken = await StubBackend.StartAsync("broken");
        await using var legacy = await StubBackend.StartAsync("legacy");
        broken.Answers(503, "down");
        await using var gateway = await TwoOfLegacyAsync(broken.Address, legacy);
        await Eventually.TrueAsync("its circuit is open", async () =>
        {
            (await gateway.GetAsync("/")).Dispose();
            return (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "legacy")) == 2;
        });

        for (var i = 0; i < 20; i++)
        {
            using var answer = await gateway.GetAsync("/");
            Assert.Equal((200, "legacy", "ungated"), ((int)answer.StatusCode, await answer.TextAsync(), answer.Reason()));
        }

        var destinations = (await gateway.StatusAsync()).GetProperty("backends").EnumerateArray()
            .Single(b => b.GetProperty("id").GetString() == "legacy").GetProperty("destinations").EnumerateArray()
            .Select(d => d.GetProperty("circuit").GetString());
        Assert.Equal(["open", "closed"], destinations);
    }

    [Fact]
    public async Task Cluster_OnePageFailsOnBoth_TheOthersAreServed()
    {
        await using var first = await StubBackend.StartAsync("first");
        await using var second = await StubBackend.StartAsync("second");
        foreach (var stub in (StubBackend[])[first, second])
        {
            stub.Answers(context =>
            {
                context.Response.StatusCode = context.Request.Path == "/flaky" ? 503 : 200;
                return Task.CompletedTask;
            });
        }

        await using var gateway = await TwoOfLegacyAsync(first.Address, second);
        for (var i = 0; i < 20; i++)
            (await gateway.GetAsync("/flaky")).Dispose();
        for (var i = 0; i < 10; i++)
        {
            using var answer = await gateway.GetAsync("/ok");
            Assert.Equal((200, "legacy"), ((int)answer.StatusCode, answer.ServedBy()));
        }
    }

    [Fact]
    public async Task Service_OneRouteFails_TheOthersStay()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(context =>
        {
            context.Response.StatusCode = context.Request.Path.StartsWithSegments("/api/publish") ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var gateway = await new GatewaySetup(calendar, legacy).Open()
            .Option("Upstream:Circuit:MinimumThroughput", "3").Option("Upstream:Circuit:BreakDuration", "00:10:00").StartAsync();
        for (var i = 0; i < 4; i++)
            (await gateway.GetAsync("/api/publish/intents", "ada")).Dispose();

        using var failing = await gateway.GetAsync("/api/publish/intents", "ada");
        using var well = await gateway.GetAsync("/api/calendar/c1", "ada");

        Assert.Equal(("dry-run", "circuit-open"), (failing.ServedBy(), failing.Reason()));
        Assert.Equal(("calendar", "in-cohort"), (well.ServedBy(), well.Reason()));
    }

    private static Task<GatewayHarness> TwoOfLegacyAsync(Uri first, StubBackend second) => new GatewaySetup()
        .Option("Upstream:Circuit:MinimumThroughput", "3").Option("Upstream:Circuit:BreakDuration", "00:10:00")
        .Edit(c =>
        {
            c.Clusters["legacy"]!["LoadBalancingPolicy"] = "RoundRobin";
            c.Clusters["legacy"]!["Destinations"] = new JsonObject
            {
                ["legacy-1"] = new JsonObject { ["Address"] = first.ToString() },
                ["legacy-2"] = new JsonObject { ["Address"] = second.Address.ToString() },
            };
        })
        .StartAsync();
}
