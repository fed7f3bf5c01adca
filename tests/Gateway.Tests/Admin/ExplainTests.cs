using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Admin;
using Gateway.Tests.CommandLine;

namespace Gateway.Tests.Admin;

/// <summary>Holds docs/contract.md section 9: explain decides as a request does.</summary>
public sealed class ExplainTests
{
    private static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "Post", "head"];

    private static readonly string[] Paths =
    [
        "/api/calendar", "/api/calendar/generate", "/api/calendar/c1/export", "/api/publish", "/api/publish/channels", "/page", "/tenant",
        "/tenant/a?x=1", "/beta", "/beta?new=1", "/api/calendar/a%2Fb/export", "/api/../page", "//api/publish", "/api/calendar/%zz", "/",
        "/beta?new", "/beta?NEW=&new=", "/beta?x=%zz&new=1", "/%62eta?new=1", "/tenant/%61", "/tenant/größe", "/tenant/gr%C3%B6%C3%9Fe",
        "/tenant/%E4", "/API/Calendar", "/api/calendar/./generate", "/api/calendar/%2e%2e/page", "/api/calendar/;x/generate", "/page#part",
        "/api/calendar/%00", "/a\\b", "/page?", "/page?a=/api/../b", "/api/calendar/generate/", "/page?q=%F0%9F%98%80", "/api%2Fcalendar",
    ];

    private static readonly string?[] Users =
    [
        null, "ada", "bob", " ada", "ada\t", "a,b", "größe", new string('u', 256), new string('u', 300), "Ada", "eve", "sue",
        "  größe ", "", " ", new string('ß', 256), new string('ß', 257), "ada bob", "зоя", "😀", "a\u0001b", "ada\u00A0", "\u2003ada", "-ada",
        "\"ada\"", "ada;x", "a\u200Bda", "e\u0301ve",
    ];

    private static readonly string?[] Groups =
        [null, "staff", " staff , guests", "contractors,staff", "Staff", ",,", "stäff", "staff;guests", "", "a\u0001", " "];

    private static readonly string?[] Hosts =
    [
        null, null, "shop.example", "SHOP.example:8080", "eu.shop.example", "other.example", "shop.example.", "shop.example:", "[::1]:8080",
        "shop.example:99999", "shop.example:x", "a b", "shop.example/x", "user@shop.example", "xn--gre-6ka8l.example", "größe.example", "a,b",
        "127.0.0.1", "shop_x.example", "%73hop.example", "[::1",
    ];

    private static readonly (string Name, string Value)[][] Headers =
    [
        [], [], [], [("X-Tenant", "a")], [("x-tenant", "b")], [("X-Tenant", "a"), ("X-Tenant", "b")], [("X-Tenant", "a, b")],
        [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")],
        [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "GET")],
        [("Origin", "https://a.example"), ("Origin", "https://b.example"), ("Access-Control-Request-Method", "POST")],
        [("Access-Control-Request-Method", "POST")],
        [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "DELETE")],
        [("X_User_Id", "eve")], [("X-User-Id", "bob")], [("X-User-Groups", "contractors")], [("x-user-id", "")],
        [("Connection", "X-Tenant, close"), ("X-Tenant", "a")], [("Connection", "close, X-User-Id")], [("Expect", "100-continue")],
        [("Expect", "200-ok")], [("X-Tenant", "größe")], [("X-Tenant", "a\u0001")], [("X(Tenant", "a")], [("X-Forwarded-Host", "shop.example")],
        [("Transfer-Encoding", "gzip")], [("Accept", "text/event-stream")],
    ];

    /// <summary>Requests that nobody would think of together; the same ones every time. Explained by the admin listener and the command.</summary>
    [Fact]
    public async Task Explain_OfAnyRequest_SaysWhatTheRequestGets()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Flag(GatewaySetup.CalendarFlag, 40).Edit(Configure).StartAsync();
        var random = new Random(20261126);
        var wrong = new List<string>();
        for (var i = 0; i < 400; i++)
        {
            var question = new Question(
                Pick(random, Methods), Pick(random, Paths), Pick(random, Users), Pick(random, Groups), Pick(random, Hosts),
                Pick(random, Headers));

            var sent = await SendAsync(gateway, question);
            var said = DecisionOf(await gateway.Admin.GetFromJsonAsync<JsonElement>("/explain" + question.ToQuery()));
            if (said != sent)
                wrong.Add($"{i}: {Describe(question)}: {sent}, explained as {said}");
            // A start of its own each time, of which a few show that it decides by the same code.
            foreach (var where in i % 40 == 0 ? (string[][])[Asking(gateway), ["--config", gateway.Config.Path]] : [Asking(gateway)])
            {
                var told = await CommandRun.WholeAsync([.. Words(question), .. where, "--json"], GatewaySetup.CalendarFlag);
                if (told.Code != 0 || DecisionOf(JsonDocument.Parse(told.Output).RootElement) != said)
                    wrong.Add($"{i}: {Describe(question)}: explained as {said}, by the command as {told}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
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

    private static async Task<(string?, string?)> SendAsync(GatewayHarness gateway, Question question)
    {
        var text = new StringBuilder($"{question.Method} {question.Path} HTTP/1.1\r\nHost: {question.Host ?? "localhost"}\r\n");
        if (question.User is { } user)
            text.Append("X-User-Id: ").Append(user).Append("\r\n");
        if (question.Groups is { } groups)
            text.Append("X-User-Groups: ").Append(groups).Append("\r\n");
        foreach (var (name, value) in question.Headers)
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        text.Append("Connection: close\r\nContent-Length: 0\r\n\r\n");
        var answer = await RawHttp.SendAsync(gateway.PublicAddress, text.ToString());
        return (Value(answer, "X-Served-By"), Value(answer, "X-Route-Reason"));
    }

    private static IEnumerable<string> Words(Question question) =>
    [
        "explain", question.Method, question.Path,
        .. Option("--user", question.User), .. Option("--groups", question.Groups), .. Option("--host", question.Host),
        .. question.Headers.Select(header => $"--header={header.Name}: {header.Value}"),
    ];

    private static string[] Option(string name, string? value) =>
        value is null ? [] : value.StartsWith('-') ? [$"{name}={value}"] : [name, value];

    private static string[] Asking(GatewayHarness gateway) => ["--admin", gateway.AdminAddress.ToString()];

    private static (string?, string?) DecisionOf(JsonElement explanation)
    {
        var decision = explanation.GetProperty("decision");
        return (decision.GetProperty("backend").GetString(), decision.GetProperty("reason").GetString());
    }

    private static string Describe(Question asked) =>
        $"{asked.Method} {asked.Path} user {asked.User} groups {asked.Groups} host {asked.Host} {string.Join(' ', asked.Headers)}";

    private static string? Value(string answer, string header) => answer.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(header + ": ", StringComparison.OrdinalIgnoreCase))?[(header.Length + 2)..];

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
