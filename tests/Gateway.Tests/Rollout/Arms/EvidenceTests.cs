using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Exchanges;
using Gateway.Rollout;
using Gateway.Rollout.Arms;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Rollout.Arms;

/// <summary>Holds docs/contract.md section 10: <c>/evidence</c>, and who counts in which arm.</summary>
public sealed class EvidenceTests : IAsyncLifetime
{
    private static readonly string[] Inside = [.. Users(inside: true).Take(4)];
    private static readonly string[] Outside = [.. Users(inside: false).Take(4)];

    private StubBackend _calendar = null!;
    private StubBackend _legacy = null!;
    private GatewayHarness _gateway = null!;
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        _calendar = await StubBackend.StartAsync("calendar");
        _legacy = await StubBackend.StartAsync("legacy");
        _gateway = await new GatewaySetup(_calendar, _legacy).Flag(GatewaySetup.CalendarFlag, 50).Flag(GatewaySetup.PublishFlag, 50)
            .Option("Rollout:Tick", "00:05:00").Edit(AddRamp).StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _calendar.DisposeAsync();
        await _legacy.DisposeAsync();
    }

    [Fact]
    public async Task User_WhoAsksOften_CountsOnceATick_AndAsFailedWhenAnyRequestFailed()
    {
        await GetAsync(Inside[0]);
        _calendar.Answers(500, "broken");
        await GetAsync(Inside[0]);
        _calendar.Answers(200, "fine");
        await GetAsync(Inside[0]);
        await GetAsync(Inside[1]);

        var first = await EndTickAsync();
        Assert.Equal((2, 1), Canary(first, "errors"));
        Assert.Single(Failing(first, "errors"));

        await GetAsync(Inside[0]);
        Assert.Equal((3, 1), Canary(await EndTickAsync(), "errors"));
    }

    [Fact]
    public async Task Control_IsWhoeverTheHashLeavesOutside()
    {
        _legacy.Answers(503, "broken");
        foreach (var user in Outside)
            await GetAsync(user);

        var evidence = await EndTickAsync();

        Assert.Equal((4, 4), Control(evidence, "errors"));
        Assert.Equal((0, 0), Canary(evidence, "errors"));
        Assert.Equal((0L, 4L), (Number(evidence, "canary", "firstSeen"), Number(evidence, "control", "firstSeen")));
        Assert.Empty(Failing(evidence, "errors")); // Of the canary only: it is the one that may be sent back.
    }

    [Fact]
    public async Task CanaryThatLegacyRescued_HasFailed_ThoughItsUserSawNoError()
    {
        await _calendar.StopAsync();

        var completion = await GetAsync(Inside[0]);

        Assert.Equal(("legacy", "not-sent"), (completion.GetProperty("backend").GetString(), completion.GetProperty("reason").GetString()));
        var evidence = await EndTickAsync();
        Assert.Equal((1, 1), Canary(evidence, "errors"));
        Assert.Equal(0, Number(evidence, "canary", "errors"));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("listed", null, null)]
    [InlineData("somebody", "staff", null)]
    [InlineData("excluded", null, null)]
    [InlineData("inside", null, "smoke-0123456789")]
    public async Task WhoIsPlacedByNoHash_CountsNowhere(string? user, string? groups, string? requestId)
    {
        await AskAsync(
            GatewayHarness.Request(HttpMethod.Get, "/api/calendar", user == "inside" ? Inside[0] : user, null, ("X-User-Groups", groups ?? "")),
            requestId);

        var evidence = await EndTickAsync();

        Assert.Equal((0, 0), Canary(evidence, "errors"));
        Assert.Equal((0, 0), Control(evidence, "errors"));
        Assert.Equal(0, Number(evidence, "canary", "units") + Number(evidence, "control", "units"));
    }

    [Fact]
    public async Task DryRunOfThoseOutside_IsNoControl_AndTheyAreStillSeen()
    {
        await PostAsync("/api/publish", Outside[0]);
        await PostAsync("/api/publish", Inside[0]);

        var evidence = await EndTickAsync();

        Assert.Equal((0, 0), Control(evidence, "publish"));
        Assert.Equal((1, 0), Canary(evidence, "publish"));
        Assert.Equal((1L, 1L), (Number(evidence, "canary", "firstSeen"), Number(evidence, "control", "firstSeen")));
    }

    [Fact]
    public async Task Stream_CountsByHowItEnded()
    {
        _calendar.Answers(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("event: entry\ndata: {}\n\n");
            await context.Response.Body.FlushAsync();
            if (context.Request.Headers["X-User-Id"] != Inside[0]) // The other's stream ends without a word.
                await context.Response.WriteAsync("event: done\ndata: {\"status\":\"complete\"}\n\n");
        });
        foreach (var user in Inside[..2])
            await PostAsync("/api/calendar/generate", user);

        var evidence = await EndTickAsync();

        Assert.Equal((2, 1), Canary(evidence, "streams"));
        Assert.Equal((2, 0), Canary(evidence, "errors"));
    }

    [Fact]
    public async Task Stream_ThatSomebodyElseAnswers_HasFailed_WhateverTheyAnswer()
    {
        await _calendar.StopAsync();

        await PostAsync("/api/calendar/generate", Inside[0]);

        Assert.Equal((1, 1), Canary(await EndTickAsync(), "streams"));
    }

    [Fact]
    public async Task NewGates_BeginANewEpoch_AndANewPercentageOnlyCountsUsersAnew()
    {
        await GetAsync(Inside[0]);
        var before = await EndTickAsync();

        await _gateway.ReloadAsync(config => config.Cohort("canary")["DefaultRolloutPercentage"] = 60);
        await Eventually.TrueAsync("its users count anew", async () => Number(await ReadAsync(), "canary", "distinct") == 0);
        var moved = await ReadAsync();
        Assert.Equal(Text(before, "epoch"), Text(moved, "epoch"));
        Assert.Equal((1, 0), Canary(moved, "errors"));
        Assert.Equal(1, Number(moved, "canary", "firstSeen"));

        await _gateway.ReloadAsync(config => config.Rollout["Ramps"]!["canary"]!["Gates"]!["errors"]!["Margin"] = 0.02);
        await Eventually.TrueAsync("another epoch", async () => Text(await ReadAsync(), "epoch") != Text(before, "epoch"));
        Assert.Equal((0, 0), Canary(await ReadAsync(), "errors"));
    }

    [Fact]
    public async Task Metrics_SayTheSame()
    {
        await GetAsync(Inside[0]);
        await GetAsync(Outside[0]);
        _legacy.Answers(500, "broken");
        await GetAsync(Outside[1]);
        await EndTickAsync();

        var page = await _gateway.MetricsAsync();

        double Read(string arm, string outcome) => page.Value(
            "gateway_arm_units_total", ("cohort", "canary"), ("gate", "errors"), ("arm", arm), ("outcome", outcome));
        Assert.Equal((1, 0, 1, 1), (Read("canary", "ok"), Read("canary", "failed"), Read("control", "ok"), Read("control", "failed")));
        Assert.Equal("counter", page.Types["gateway_arm_units_total"]);
    }

    private static void AddRamp(ConfigDirectory config)
    {
        config.Cohort("canary")["Users"] = new JsonArray("listed");
        config.Cohort("canary")["Exclusion"]!["Users"] = new JsonArray("excluded");
        config.Rollout["Ramps"] = JsonNode.Parse(
            """
            {"canary":{"Steps":[50,100],"Bake":"00:15:00","Gates":{
              "errors":{"Measure":"server-error","Against":"control","Margin":0.01},
              "streams":{"Measure":"stream-failed","Against":"control","Margin":0.01},
              "publish":{"Measure":"publish-failed","Against":0.05}}}}
            """);
    }

    private static IEnumerable<string> Users(bool inside) =>
        Enumerable.Range(0, 1000).Select(i => $"user-{i}").Where(user => Cohort.Bucket("canary", user) < 50 == inside);

    private Task<JsonElement> GetAsync(string user) => AskAsync(GatewayHarness.Request(HttpMethod.Get, "/api/calendar", user));

    private Task<JsonElement> PostAsync(string path, string user) =>
        AskAsync(GatewayHarness.Request(HttpMethod.Post, path, user, JsonContent.Create(new { calendarId = "c" })));

    /// <summary>Until the request is counted, which is after its answer.</summary>
    private async Task<JsonElement> AskAsync(HttpRequestMessage request, string? requestId = null)
    {
        requestId ??= $"evidence-{++_asked}";
        request.Headers.Add("X-Request-Id", requestId);
        using var answer = await _gateway.Client.SendAsync(request);
        await answer.Content.ReadAsStringAsync();
        return await _gateway.Logs.CompletionAsync(requestId);
    }

    /// <summary>Twice: a tick rests for another one before it is added.</summary>
    private async Task<JsonNode> EndTickAsync()
    {
        var worker = _gateway.Services.GetRequiredService<ArmsWorker>();
        worker.EndTick();
        worker.EndTick();
        return await ReadAsync();
    }

    private async Task<JsonNode> ReadAsync() => (await _gateway.Admin.GetFromJsonAsync<JsonNode>("/evidence"))!["cohorts"]!["canary"]!;

    private static (long Units, long Failures) Canary(JsonNode evidence, string gate) => Arm(evidence, gate, "canary");

    private static (long Units, long Failures) Control(JsonNode evidence, string gate) => Arm(evidence, gate, "control");

    private static (long Units, long Failures) Arm(JsonNode evidence, string gate, string arm) =>
        (Number(evidence, "gates", gate, arm, "units"), Number(evidence, "gates", gate, arm, "failures"));

    private static JsonArray Failing(JsonNode evidence, string gate) =>
        evidence["figures"]!["gates"]![gate]!["failingUsers"]!.AsArray();

    private static string Text(JsonNode evidence, string name) => evidence[name]!.GetValue<string>();

    private static long Number(JsonNode evidence, params string[] path) =>
        path.Aggregate(evidence["figures"]!, (node, name) => node[name]!).GetValue<long>();
}
