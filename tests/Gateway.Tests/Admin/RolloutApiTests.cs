using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Admin;

/// <summary>Holds docs/contract.md section 10: acting on the rollout over the admin listener.</summary>
public sealed class RolloutApiTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(null, Key, null, null, HttpStatusCode.Forbidden, "acting-off")]
    [InlineData(Key, null, null, null, HttpStatusCode.Unauthorized, "unauthorized")]
    [InlineData(Key, "0123456789abcdef0123456789abcdee", null, null, HttpStatusCode.Unauthorized, "unauthorized")]
    [InlineData(Key, "0123456789abcdef", null, null, HttpStatusCode.Unauthorized, "unauthorized")]
    [InlineData(Key, Key, "Origin", "http://evil.example", HttpStatusCode.Forbidden, "other-origin")]
    [InlineData(Key, Key, "Origin", "null", HttpStatusCode.Forbidden, "other-origin")]
    [InlineData(Key, Key, "Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden, "other-origin")]
    [InlineData(Key, Key, "Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden, "other-origin")]
    public async Task WhoMayNotAct_IsRefused_AndNothingIsChanged(
        string? configured, string? given, string? header, string? value, HttpStatusCode status, string code)
    {
        await using var gateway = await StartAsync(configured);
        var before = await File.ReadAllBytesAsync(gateway.Config.File("rollout.json"));

        using var answer = await PostAsync(gateway, "/rollout/canary/set", new { reason = "x", percentage = 50 }, given, header, value);

        Assert.Equal((status, code), (answer.StatusCode, await answer.ProblemCodeAsync()));
        Assert.Equal(before, await File.ReadAllBytesAsync(gateway.Config.File("rollout.json")));
    }

    [Fact]
    public async Task Acting_ChangesTheFile_AnswersTheEvent_AndIsInForceAsASavedFileIs()
    {
        await using var gateway = await StartAsync(Key);
        var revision = await gateway.RevisionAsync();

        using var answer = await PostAsync(
            gateway, "/rollout/canary/set", new { reason = "a try", percentage = 40, expectedRevision = revision }, Key);
        var done = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("set", "10", "40", "a try"), (
            (string)done["action"]!, (string)done["from"]!, (string)done["to"]!, (string)done["why"]!));
        await Eventually.TrueAsync("40 % are in force", async () => await gateway.RevisionAsync() == (string)done["revisionAfter"]!);

        using var late = await PostAsync(
            gateway, "/rollout/canary/set", new { reason = "x", percentage = 50, expectedRevision = revision }, Key);
        Assert.Equal((HttpStatusCode.Conflict, "revision-changed"), (late.StatusCode, await late.ProblemCodeAsync()));

        using var undone = await PostAsync(gateway, $"/undo/{done["id"]}", new { reason = "back" }, Key);
        Assert.Equal(HttpStatusCode.OK, undone.StatusCode);
        var report = (await gateway.Admin.GetFromJsonAsync<JsonNode>("/rollout"))!;
        Assert.Equal(10, (double)report["ramps"]![0]!["percentage"]!);
        Assert.Equal(["undo", "set"], report["transitions"]!.AsArray().Select(e => (string)e!["action"]!));
    }

    [Theory]
    [InlineData("/rollout/nobody/start", """{"reason":"x"}""", HttpStatusCode.NotFound, "not-found")]
    [InlineData("/rollout/canary/pause", """{"reason":"x"}""", HttpStatusCode.BadRequest, "validation")]
    [InlineData("/rollout/canary/start", "{}", HttpStatusCode.BadRequest, "validation")]
    [InlineData("/rollout/canary/start", "[]", HttpStatusCode.BadRequest, "invalid-json")]
    [InlineData("/rollout/canary/set", """{"reason":"x","percentage":"many"}""", HttpStatusCode.BadRequest, "invalid-json")]
    [InlineData("/flags/NO_FLAG/kill", """{"reason":"x"}""", HttpStatusCode.NotFound, "not-found")]
    [InlineData("/undo/0", """{"reason":"x"}""", HttpStatusCode.NotFound, "not-found")]
    public async Task WhatMakesNoSense_IsRefused(string path, string body, HttpStatusCode status, string code)
    {
        await using var gateway = await StartAsync(Key);

        using var answer = await PostAsync(gateway, path, JsonNode.Parse(body)!, Key);

        Assert.Equal((status, code), (answer.StatusCode, await answer.ProblemCodeAsync()));
    }

    [Fact]
    public async Task PublicListener_HasNoneOfIt()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).Option("Admin:Key", Key).StartAsync();

        using var answer = await gateway.Client.GetAsync("/evidence");

        Assert.Equal("legacy", await answer.Content.ReadAsStringAsync()); // The backends' path as any other.
    }

    private static Task<GatewayHarness> StartAsync(string? key)
    {
        var setup = new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 10).Edit(config => config.Ramp());
        return (key is null ? setup : setup.Option("Admin:Key", key)).StartAsync();
    }

    private static Task<HttpResponseMessage> PostAsync(
        GatewayHarness gateway, string path, object body, string? key, string? header = null, string? value = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add("Authorization", $"Bearer {key}");
        if (header is not null)
            request.Headers.Add(header, value);
        return gateway.Admin.SendAsync(request);
    }
}
