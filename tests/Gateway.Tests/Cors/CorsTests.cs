using System.Text.Json.Nodes;
using Gateway.Tests.Identity;
using Gateway.Tests.Routing;

namespace Gateway.Tests.Cors;

/// <summary>Holds docs/contract.md section 2: pages from elsewhere.</summary>
public sealed class CorsTests
{
    private const string Shop = "https://shop.example";
    private const string Policy =
        $$"""{ "Origins": [ "{{Shop}}", "https://*.shop.example" ], "Methods": [ "POST", "PUT" ], "Headers": [ "Content-Type" ], "ExposedHeaders": [ "X-Request-Id" ], "Credentials": true, "MaxAge": "00:10:00" }""";

    [Theory]
    [InlineData("/api/publish", "POST")]
    [InlineData("/api/publish/intents", "GET")]
    [InlineData("/api/calendar/generate", "POST")]
    [InlineData("/api/calendar/c1/export", "GET")]
    [InlineData("/api/calendar/c1", "PUT")]
    [InlineData("/page", "DELETE")]
    public async Task Preflight_WithoutAPolicy_GoesToLegacyWhateverTheFlagsSay(string path, string method)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        foreach (var open in (bool[])[false, true])
        {
            var setup = new GatewaySetup(calendar, legacy);
            await using var gateway = await (open ? setup.Open() : setup).StartAsync();

            using var answer = await PreflightAsync(gateway, path, method, Shop, "ada");

            Assert.Equal((200, "legacy", "ungated"), ((int)answer.StatusCode, answer.ServedBy(), answer.Reason()));
            Assert.Equal("OPTIONS", legacy.Requests[^1].Method);
            Assert.Null(answer.Header("Access-Control-Allow-Origin"));
            var explained = await gateway.Admin.GetStringAsync(
                $"/explain?method=OPTIONS&path={path}&header=Origin:{Shop}&header=Access-Control-Request-Method:{method}");
            Assert.Contains("\"decision\":{\"backend\":\"legacy\",\"reason\":\"ungated\"", explained, StringComparison.Ordinal);
        }

        Assert.Empty(calendar.Requests);
    }

    [Fact]
    public async Task Preflight_OfARouteForOneMethod_GoesToTheLastClusterOfItsChain()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Edit(config => config.Routes["new"] = new JsonObject
        {
            ["ClusterId"] = "calendar",
            ["Match"] = new JsonObject { ["Path"] = "/new", ["Methods"] = new JsonArray("POST") },
        }).StartAsync();

        using var announced = await PreflightAsync(gateway, "/new", "POST", Shop);
        using var other = await PreflightAsync(gateway, "/new", "PUT", Shop);

        Assert.Equal(("calendar", "legacy"), (announced.ServedBy(), other.ServedBy()));
    }

    [Theory]
    [InlineData(Shop, Shop)]
    [InlineData("https://eu.shop.example", "https://eu.shop.example")]
    [InlineData("https://evil.example", null)]
    [InlineData("http://shop.example", null)]
    [InlineData("null", null)]
    public async Task Preflight_WithAPolicy_IsAnsweredByIt(string origin, string? allowed)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await WithPolicy(new GatewaySetup(null, legacy)).Open().StartAsync();
        foreach (var path in (string[])["/api/calendar/generate", "/api/publish"])
        {
            using var answer = await PreflightAsync(gateway, path, "POST", origin);

            Assert.Equal((204, "gateway", "ungated"), ((int)answer.StatusCode, answer.ServedBy(), answer.Reason()));
            Assert.Equal(allowed, answer.Header("Access-Control-Allow-Origin"));
            Assert.Equal(allowed is null ? null : "POST,PUT", answer.Header("Access-Control-Allow-Methods"));
            Assert.Equal(allowed is null ? null : "Content-Type", answer.Header("Access-Control-Allow-Headers"));
            Assert.Equal(allowed is null ? null : "true", answer.Header("Access-Control-Allow-Credentials"));
            Assert.Equal(allowed is null ? null : "600", answer.Header("Access-Control-Max-Age"));
            Assert.Equal("Origin", answer.Header("Vary"));
        }

        Assert.Empty(legacy.Requests);
    }

    /// <summary>The arms of a route: the new service, legacy, the dry-run, the gateway's own refusals.</summary>
    [Theory]
    [InlineData("GET", "/api/calendar/c1", true, "calendar")]
    [InlineData("GET", "/api/calendar/c1", false, "legacy")]
    [InlineData("GET", "/api/publish/channels", false, "dry-run")]
    [InlineData("POST", "/api/publish", false, "dry-run")]
    [InlineData("GET", "/api/calendar/a%2Fb/export", true, "gateway")]
    [InlineData("GET", "/page", false, "gateway")]
    public async Task Answer_OfEveryArm_HasThePolicysHeadersOnce(string method, string path, bool open, string arm)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        foreach (var backend in (StubBackend[])[calendar, legacy])
        {
            backend.Answers(200, "mine", "text/plain", ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "GET"),
                ("Access-Control-Expose-Headers", "X-Mine"), ("Vary", "Accept-Encoding"));
        }

        var setup = WithPolicy(new GatewaySetup(calendar, arm == "gateway" ? null : legacy));
        await using var gateway = await (open ? setup.Open() : setup).StartAsync();

        using var answer = await gateway.Client.SendAsync(
            GatewayHarness.Request(new(method), path, "ada", method == "POST" ? new StringContent("{") : null, ("Origin", Shop)));
        using var stranger = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Get, path, "ada", null, ("Origin", "https://evil.example")));
        using var noPage = await gateway.GetAsync(path, "ada");

        Assert.Equal(arm, answer.ServedBy());
        Assert.Equal([Shop], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal("X-Request-Id", answer.Header("Access-Control-Expose-Headers"));
        Assert.Null(answer.Header("Access-Control-Allow-Methods"));
        Assert.Null(stranger.Header("Access-Control-Allow-Origin"));
        Assert.Null(noPage.Header("Access-Control-Allow-Origin"));
        Assert.All(new[] { answer, stranger, noPage }, one => Assert.Contains("Origin", one.Header("Vary"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answer_ToATokenThatIsNotBelieved_CanBeReadByThePage()
    {
        await using var gateway = await WithPolicy(new GatewaySetup()).Option("Identity:Jwt:Issuer", "i").Option("Identity:Jwt:Audience", "a")
            .Option("Identity:Jwt:Secret", new string('s', 32)).StartAsync();

        // It names the issuer that the gateway believes, and nobody signed it; a stranger's token would be legacy's to judge.
        var forged = $"{JwtMint.Encode("""{"alg":"HS256"}"""u8)}.{JwtMint.Encode("""{"iss":"i"}"""u8)}.AAAA";
        using var answer = await gateway.GetAsync("/api/calendar", null, ("Origin", Shop), ("Authorization", $"Bearer {forged}"));

        Assert.Equal((401, Shop), ((int)answer.StatusCode, answer.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Backend_OfARouteWithoutAPolicy_SpeaksForItself()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(200, "mine", "text/plain", ("Access-Control-Allow-Origin", "https://own.example"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var before = await gateway.GetAsync("/page", null, ("Origin", Shop));
        await gateway.ReloadAsync(AddPolicy);
        using var after = await gateway.GetAsync("/page", null, ("Origin", Shop));

        Assert.Equal("https://own.example", before.Header("Access-Control-Allow-Origin"));
        Assert.Equal(Shop, after.Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("""{ "Origins": [] }""", "Cors:pages:Origins")]
    [InlineData("""{ "Methods": [ "GET" ] }""", "Cors:pages:Origins")]
    [InlineData("""{ "Origins": [ "*" ], "Credentials": true }""", "Cors:pages:Origins")]
    [InlineData("""{ "Origins": [ "https://shop.example/" ] }""", "Cors:pages:Origins:0")]
    [InlineData("""{ "Origins": [ "shop.example" ] }""", "Cors:pages:Origins:0")]
    [InlineData("""{ "Origins": [ "https://shop.example:99999" ] }""", "Cors:pages:Origins:0")]
    [InlineData("""{ "Origins": [ "https://a.example, https://b.example" ] }""", "Cors:pages:Origins:0")]
    [InlineData("""{ "Origins": [ "*" ], "Methods": [ "GET, POST" ] }""", "Cors:pages:Methods:0")]
    [InlineData("""{ "Origins": [ "*" ], "Headers": [ "X Y" ] }""", "Cors:pages:Headers:0")]
    [InlineData("""{ "Origins": [ "*" ], "MaxAge": "600" }""", "Cors:pages:MaxAge")]
    [InlineData("""{ "Origins": [ "*" ], "Origin": "x" }""", "Cors:pages:Origin")]
    public async Task Policy_ThatNoBrowserWouldTake_IsRefused(string policy, string where)
    {
        using var config = new ConfigDirectory();
        config.Gateway["Cors"] = new JsonObject { ["pages"] = JsonNode.Parse(policy) };

        Assert.Contains(await CandidateFile.ReadAsync(config.Gateway.ToJsonString()), finding => finding.Path == where);
    }

    [Fact]
    public async Task Route_WithAPolicyThatIsNotThere_IsRefused() => Assert.Equal(
        "ReverseProxy:Routes:legacy:CorsPolicy", Assert.Single(await CandidateFile.ReadAsync("Routes/legacy/CorsPolicy", "\"pages\"")).Path);

    private static GatewaySetup WithPolicy(GatewaySetup setup) => setup.Edit(AddPolicy);

    private static void AddPolicy(ConfigDirectory config)
    {
        config.Gateway["Cors"] = new JsonObject { ["shop"] = JsonNode.Parse(Policy) };
        foreach (var (_, route) in config.Routes)
            route!["CorsPolicy"] = "shop";
    }

    private static Task<HttpResponseMessage> PreflightAsync(
        GatewayHarness gateway, string path, string method, string origin, string? user = null) =>
        gateway.Client.SendAsync(GatewayHarness.Request(
            HttpMethod.Options, path, user, null, ("Origin", origin), ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", "content-type")));
}
