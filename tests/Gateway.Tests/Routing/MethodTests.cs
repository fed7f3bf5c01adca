using System.Text.Json.Nodes;

namespace Gateway.Tests.Routing;

/// <summary>Holds docs/contract.md section 2: HEAD takes the route of GET.</summary>
public sealed class MethodTests
{
    [Theory]
    [InlineData("/api/calendar/c1/export")]
    [InlineData("/api/calendar/c1")]
    [InlineData("/api/calendar/generate")]
    [InlineData("/api/publish/channels")]
    [InlineData("/page")]
    public async Task Head_OfAnyPath_IsDecidedAsGetIs(string path)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        // One flag on and one off: the routes of GET and of any method answer differently.
        await using var gateway = await new GatewaySetup(calendar, legacy).Flag(GatewaySetup.CalendarFlag, 100).StartAsync();

        using var get = await gateway.GetAsync(path, "ada");
        using var head = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Head, path, "ada"));

        Assert.Equal((get.ServedBy(), get.Reason(), get.StatusCode), (head.ServedBy(), head.Reason(), head.StatusCode));
        var explained = (await gateway.ExplainAsync("HEAD", path, "ada")).GetProperty("decision");
        Assert.Equal(get.ServedBy(), explained.GetProperty("backend").GetString());
    }

    [Fact]
    public async Task Head_WithARouteOfItsOwn_TakesThat()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Edit(config =>
        {
            config.Routes["get"] = Route("legacy", "/r/{id}", "GET");
            config.Routes["head"] = Route("calendar", "/r/{name}", "HEAD");
        }).StartAsync();

        using var get = await gateway.GetAsync("/r/1");
        using var head = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Head, "/r/1"));

        Assert.Equal(("legacy", "calendar"), (get.ServedBy(), head.ServedBy()));
    }

    /// <summary>Routes that exclude each other for whoever sends a header once.</summary>
    [Fact]
    public async Task Header_SentTwiceForTwoRoutes_IsTheClientsFault()
    {
        await using var gateway = await new GatewaySetup().Edit(config =>
        {
            foreach (var value in (string[])["a", "b"])
            {
                config.Routes[value] = Route("legacy", "/r", "GET");
                config.Routes[value]!["Match"]!["Headers"] =
                    new JsonArray(new JsonObject { ["Name"] = "X-Tenant", ["Values"] = new JsonArray(value) });
            }
        }).StartAsync();

        var answer = await RawHttp.SendAsync(
            gateway.PublicAddress, "GET /r HTTP/1.1\r\nHost: a\r\nX-Tenant: a\r\nX-Tenant: b\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("\"ambiguous-route\"", answer, StringComparison.Ordinal);
    }

    private static JsonObject Route(string cluster, string path, string method) => new()
    {
        ["ClusterId"] = cluster,
        ["Match"] = new JsonObject { ["Path"] = path, ["Methods"] = new JsonArray(method) },
    };
}
