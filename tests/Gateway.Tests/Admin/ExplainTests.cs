using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Admin;

/// <summary>Holds docs/contract.md section 9: explain decides as a request does.</summary>
public sealed class ExplainTests
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"];

    private static readonly string[] Paths =
    [
        "/api/calendar", "/api/calendar/generate", "/api/calendar/c1/export", "/api/publish", "/api/publish/channels", "/page", "/tenant",
        "/tenant/a?x=1", "/beta", "/beta?new=1", "/api/calendar/a%2Fb/export", "/api/../page", "//api/publish", "/api/calendar/%zz", "/",
    ];

    private static readonly string?[] Users =
        [null, "ada", "bob", " ada", "ada\t", "a,b", "größe", new string('u', 256), new string('u', 300), "Ada", "eve", "sue"];

    private static readonly string?[] Groups = [null, "staff", " staff , guests", "contractors,staff", "Staff", ",,"];

    private static readonly string?[] Hosts = [null, "shop.example", "SHOP.example:8080", "eu.shop.example", "other.example"];

    private static readonly (string Name, string Value)[][] Headers =
    [
        [], [], [("X-Tenant", "a")], [("x-tenant", "b")], [("X-Tenant", "a"), ("X-Tenant", "b")],
        [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")], [("X_User_Id", "eve")],
        [("X-User-Id", "bob")],
    ];

    /// <summary>Requests that nobody would think of together; the same ones every time.</summary>
    [Fact]
    public async Task Explain_OfAnyRequest_SaysWhatTheRequestGets()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Flag(GatewaySetup.CalendarFlag, 40).Edit(Configure).StartAsync();
        var random = new Random(20261126);
        for (var i = 0; i < 400; i++)
        {
            var (method, path, user, groups) = (Pick(random, Methods), Pick(random, Paths), Pick(random, Users), Pick(random, Groups));
            var (host, headers) = (Pick(random, Hosts), Pick(random, Headers));

            var sent = await SendAsync(gateway, method, path, user, groups, host, headers);
            var decision = (await ExplainAsync(gateway, method, path, user, groups, host, headers)).GetProperty("decision");

            var said = (decision.GetProperty("backend").GetString(), decision.GetProperty("reason").GetString());
            var asked = $"{i}: {method} {path} user {user} groups {groups} host {host} {string.Join(' ', headers)}";
            Assert.True(sent == said, $"{asked}: {sent}, explained as {said}");
        }
    }

    [Theory]
    [InlineData(" alice ", "alice")]
    [InlineData("a,b", null)]
    [InlineData("", null)]
    public async Task Explain_User_IsReadAsTheHeaderIs(string user, string? read)
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var request = (await gateway.ExplainAsync("GET", "/page", user, "staff")).GetProperty("request");

        Assert.Equal(read, request.GetProperty("user").GetString());
        // Groups without a user are nobody's.
        Assert.Equal(read is null ? 0 : 1, request.GetProperty("groups").GetArrayLength());
    }

    [Fact]
    public async Task Explain_IllegalHeader_IsAProblem()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        using var answer = await gateway.Admin.GetAsync("/explain?path=/&header=X-Tenant");

        Assert.Equal((400, "validation"), ((int)answer.StatusCode, await answer.ProblemCodeAsync()));
    }

    private static void Configure(ConfigDirectory config)
    {
        config.Flag(GatewaySetup.PublishFlag)["enabled"] = true;
        config.Cohort("canary")["Users"] = new JsonArray("ada", "größe");
        config.Cohort("canary")["Exclusion"] = JsonNode.Parse("""{ "Users": [ "eve" ], "Groups": [ "contractors" ] }""");
        config.Routes["shop"] = JsonNode.Parse(
            """{ "ClusterId": "calendar", "Match": { "Path": "/tenant/{**x}", "Hosts": [ "shop.example", "*.shop.example" ] } }""");
        foreach (var tenant in (string[])["a", "b"])
        {
            config.Routes[$"tenant-{tenant}"] = JsonNode.Parse(
                $$"""{ "ClusterId": "{{(tenant == "a" ? "calendar" : "legacy")}}", "Order": -1, "Match": { "Path": "/tenant/{**x}", "Headers": [ { "Name": "X-Tenant", "Values": [ "{{tenant}}" ] } ] } }""");
        }

        config.Routes["beta"] = JsonNode.Parse(
            """{ "ClusterId": "calendar", "Match": { "Path": "/beta", "QueryParameters": [ { "Name": "new", "Mode": "Exists" } ] } }""");
        config.Gateway["Cors"] = JsonNode.Parse("""{ "shop": { "Origins": [ "https://shop.example" ] } }""");
        config.Routes["generate"]!["CorsPolicy"] = "shop";
    }

    private static async Task<(string?, string?)> SendAsync(
        GatewayHarness gateway, string method, string path, string? user, string? groups, string? host, (string Name, string Value)[] headers)
    {
        var text = new System.Text.StringBuilder($"{method} {path} HTTP/1.1\r\nHost: {host ?? "localhost"}\r\n");
        if (user is not null)
            text.Append("X-User-Id: ").Append(user).Append("\r\n");
        if (groups is not null)
            text.Append("X-User-Groups: ").Append(groups).Append("\r\n");
        foreach (var (name, value) in headers)
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        var answer = await RawHttp.SendAsync(
            gateway.PublicAddress, text.Append("Connection: close\r\nContent-Length: 0\r\n\r\n").ToString());
        return (Value(answer, "X-Served-By"), Value(answer, "X-Route-Reason"));
    }

    private static Task<JsonElement> ExplainAsync(
        GatewayHarness gateway, string method, string path, string? user, string? groups, string? host, (string Name, string Value)[] headers)
    {
        var query = new QueryStringBuilder().Add("method", method).Add("path", path).Add("user", user).Add("groups", groups).Add("host", host);
        foreach (var (name, value) in headers)
            query.Add("header", $"{name}: {value}");
        return gateway.Admin.GetFromJsonAsync<JsonElement>("/explain" + query)!;
    }

    private static string? Value(string answer, string header) => answer.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(header + ": ", StringComparison.OrdinalIgnoreCase))?[(header.Length + 2)..];

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private sealed class QueryStringBuilder
    {
        private readonly System.Text.StringBuilder _text = new();

        public QueryStringBuilder Add(string name, string? value)
        {
            if (value is not null)
                _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            return this;
        }

        public override string ToString() => _text.ToString();
    }
}
