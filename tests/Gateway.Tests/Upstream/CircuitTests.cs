using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Tests.Upstream;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class CircuitTests
{
    private static GatewaySetup Circuit(StubBackend calendar, StubBackend legacy, string breakFor = "00:00:02") =>
        new GatewaySetup(calendar, legacy).Open()
            .Option("Upstream:Circuit:MinimumThroughput", "3").Option("Upstream:Circuit:FailureRatio", "0.5")
            .Option("Upstream:Circuit:BreakDuration", breakFor);

    [Fact]
    public async Task Circuit_BackendKeepsFailing_OpensThenTriesOnceThenCloses()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(503, "down");
        await using var gateway = await Circuit(calendar, legacy).StartAsync();

        await FailAsync(gateway, 3);
        Assert.Equal(2, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
        using (var skipped = await gateway.GetAsync("/api/calendar", "ada"))
        {
            Assert.Equal(("legacy", "circuit-open"), (skipped.ServedBy(), skipped.Reason()));
            Assert.Equal("gateway; error=destination_unavailable", skipped.ProxyStatus());
        }

        Assert.Equal(3, calendar.Requests.Count);
        Assert.Equal("circuit-open",
            (await gateway.ExplainAsync("GET", "/api/calendar", "ada")).GetProperty("decision").GetProperty("reason").GetString());

        var trial = calendar.Streams("text/plain");
        var trying = Task.CompletedTask;
        await Eventually.TrueAsync("a trial reaches the service", async () =>
        {
            if (trying.IsCompleted)
                trying = (await Task.WhenAny(gateway.GetAsync("/api/calendar", "ada"), trial.Opened)) == trial.Opened ? trial.Opened
                    : Task.CompletedTask;
            return calendar.Requests.Count == 4;
        });
        await trial.EndAsync();
        calendar.Answers(200, "back");
        await gateway.Logs.MessageAsync("Circuit of calendar is closed");

        using var served = await gateway.GetAsync("/api/calendar", "ada");
        Assert.Equal("calendar", served.ServedBy());
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    [Fact]
    public async Task Circuit_BreakIsOverAndNobodyAsks_IsShownAsHalfOpen()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Resets();
        await using var gateway = await Circuit(calendar, legacy).StartAsync();
        await FailAsync(gateway, 3);

        await Eventually.TrueAsync("the circuit waits for a trial", async () =>
            (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")) == 1);
        Assert.Equal(3, calendar.Requests.Count);
    }

    [Fact]
    public async Task Circuit_TrialFails_StaysOpenForAnotherBreak()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Resets();
        await using var gateway = await Circuit(calendar, legacy).StartAsync();
        await FailAsync(gateway, 3);

        await Eventually.TrueAsync("a trial was sent", async () =>
        {
            (await gateway.GetAsync("/api/calendar", "ada")).Dispose();
            return calendar.Requests.Count == 4;
        });
        using var next = await gateway.GetAsync("/api/calendar", "ada");

        Assert.Equal(("legacy", "circuit-open"), (next.ServedBy(), next.Reason()));
        Assert.Equal(4, calendar.Requests.Count);
    }

    [Fact]
    public async Task Circuit_RefusalsThatPromiseNothingWasDone_NeverOpenIt()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(503, "", null, ("X-Not-Accepted", "true"));
        await using var gateway = await Circuit(calendar, legacy).StartAsync();

        await FailAsync(gateway, 6);

        Assert.Equal(6, calendar.Requests.Count);
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Circuit_AnswersThatAreAnswers_NeverOpenIt(int status)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(status);
        await using var gateway = await Circuit(calendar, legacy).StartAsync();

        await FailAsync(gateway, 5);

        Assert.Equal(5, calendar.Requests.Count);
    }

    [Fact]
    public async Task Circuit_ClientsThatGoAway_CountAgainstNobody()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Stalls();
        await using var gateway = await Circuit(calendar, legacy).StartAsync();

        for (var i = 1; i <= 5; i++)
        {
            using var leave = new CancellationTokenSource();
            using var request = GatewayHarness.Request(HttpMethod.Get, "/api/calendar", "ada", null, ("X-Request-Id", $"leaver-{i}"));
            var asking = gateway.Client.SendAsync(request, leave.Token);
            await Eventually.TrueAsync("the service is asked", () => calendar.Requests.Count == i);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            Assert.Equal("499", (await gateway.Logs.CompletionAsync($"leaver-{i}")).GetProperty("status").GetString());
        }

        Assert.Empty(legacy.Requests);
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    [Fact]
    public async Task Circuit_ClientsWithBrokenBodies_CountAgainstNobody()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await Circuit(calendar, legacy).StartAsync();

        for (var i = 0; i < 5; i++)
        {
            var answer = await RawHttp.SendAsync(gateway.PublicAddress,
                "POST /api/calendar/c1/apply HTTP/1.1\r\nHost: x\r\nX-User-Id: ada\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n");
            Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Circuit_ClientsThatStallInTheirUpload_CountAgainstNobody(HttpProtocols upstream)
    {
        await using var calendar = await StubBackend.StartAsync("calendar", upstream);
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await Circuit(calendar, legacy).Option("Limits:MinRequestBodyRate", "0")
            .Edit(c => c.Clusters["calendar"]!["HttpRequest"] = new JsonObject
            {
                ["ActivityTimeout"] = "00:00:00.200", ["Version"] = upstream == HttpProtocols.Http2 ? "2" : "1.1",
                ["VersionPolicy"] = "RequestVersionExact",
            })
            .StartAsync();

        for (var i = 0; i < 4; i++)
        {
            var answer = await RawHttp.SendAsync(gateway.PublicAddress,
                "POST /api/calendar/c1/apply HTTP/1.1\r\nHost: x\r\nX-User-Id: ada\r\nContent-Length: 500\r\n\r\nhalf");
            Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
        Assert.Empty(legacy.Requests);
    }

    [Fact]
    public async Task Trial_HangsOrIsAbandoned_KeepsNobodyOut()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Resets();
        await using var gateway = await Circuit(calendar, legacy, breakFor: "00:00:00.500")
            .Option("Upstream:Circuit:Trials", "2").Option("Upstream:Circuit:TrialPatience", "00:00:00.300").StartAsync();
        await FailAsync(gateway, 3);
        calendar.Answers(context => context.Request.Path == "/api/calendar/slow"
            ? Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default) : Task.CompletedTask);
        await Eventually.TrueAsync("the circuit waits for a trial", async () =>
            (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")) == 1);

        // Both places are taken by trials that hang; one of them is given up by its client.
        using var leave = new CancellationTokenSource();
        using var slow = GatewayHarness.Request(HttpMethod.Get, "/api/calendar/slow", "ada");
        var (left, hanging) = (gateway.Client.SendAsync(slow, leave.Token), gateway.GetAsync("/api/calendar/slow", "ada"));
        await Eventually.TrueAsync("both are there", () => calendar.Requests.Count == 5);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
        await Eventually.TrueAsync("the next one tries and closes it", async () =>
        {
            using var answer = await gateway.GetAsync("/api/calendar/c1", "ada");
            return answer.ServedBy() == "calendar";
        });

        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
        Assert.False(hanging.IsCompleted);
    }

    [Fact]
    public async Task Circuit_ConfigurationReloads_DoNotMendABackend()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Resets();
        await using var gateway = await Circuit(calendar, legacy, breakFor: "00:01:00").StartAsync();
        await FailAsync(gateway, 3);

        await gateway.ReloadAsync(c => c.Cohort("canary")["Users"]!.AsArray().Add("eve"));

        Assert.Equal(2, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    private static async Task FailAsync(GatewayHarness gateway, int times)
    {
        for (var i = 0; i < times; i++)
            (await gateway.GetAsync("/api/calendar", "ada")).Dispose();
    }
}
