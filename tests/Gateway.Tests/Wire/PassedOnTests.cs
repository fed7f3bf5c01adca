using System.Net;
using System.Text.Json;
using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>
/// What a backend sees of a head, byte for byte, and what a refused client is told.
/// Holds docs/contract.md section 2: routes.
/// </summary>
public sealed class PassedOnTests : IAsyncLifetime
{
    private readonly RawUpstream _legacy = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _legacy.DisposeAsync();

    /// <summary>The headers sent, and the only user id and groups that the backend sees.</summary>
    [Theory]
    [InlineData("alice", "beta,staff", "X-User-Id: alice", "X-User-Groups: beta, staff")]
    [InlineData("alice", null, "x-user-id:alice")]
    [InlineData("alice", null, "X-User-Id: alice", "X_User_Id: root", "X_USER-ID: root", "X-User_Id: root")]
    [InlineData("alice", "beta", "X-User-Id: alice", "X-User-Groups: beta", "X_User_Groups: root")]
    [InlineData("alice", null, "X-User-Id: alice", "Connection: X-User-Id")]
    [InlineData("alice", "beta", "X-User-Id: alice", "X-User-Groups: beta", "Connection: close, x-user-id , X-USER-GROUPS")]
    [InlineData("J\u00c3\u00bcrgen", null, "X-User-Id: J\u00c3\u00bcrgen")]
    [InlineData(null, null, "X-User-Id: alice", "X-User-Id: root")]
    [InlineData(null, null, "X-User-Id: alice", "x-user-id: alice")]
    [InlineData(null, null, "X-User-Id: alice,root")]
    [InlineData(null, null, "X-User-Id: \u00ff\u00fe")]
    [InlineData(null, null, "X-User-Id: ")]
    [InlineData(null, null, "X-User-Id: , ")]
    [InlineData(null, null, "X_User_Id: root")]
    [InlineData(null, null, "X-User-Groups: root")]
    public async Task Identity_FromATrustedPeer_ArrivesOnceOrNotAtAll(string? user, string? groups, params string[] headers)
    {
        var head = await SendAsync(new(), headers);
        Assert.Equal(user is null ? [] : [user], head.Values("X-User-Id"));
        Assert.Equal(groups is null ? [] : [groups], head.Values("X-User-Groups"));
        Assert.DoesNotContain("root", head.Head, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("X-User-Id: root")]
    [InlineData("X-User-Id: root", "Connection: X-User-Id")]
    [InlineData("X_User_Id: root", "X-User-Groups: root")]
    [InlineData("X-User-Id: root", "X-User-Id: root")]
    [InlineData(
        "X-Forwarded-For: 127.0.0.1, root", "X-Forwarded-Host: root", "X_Forwarded_For: root", "Forwarded: for=root", "X-Real-IP: root")]
    public async Task Identity_FromAnybodyElse_NeverArrives(params string[] headers)
    {
        var head = await SendAsync(new GatewaySetup().Option("Identity:TrustedProxies:0", "192.0.2.1"), headers);
        Assert.Empty(head.Values("X-User-Id"));
        Assert.Equal("127.0.0.1", Assert.Single(head.Values("X-Forwarded-For")));
        Assert.DoesNotContain("root", head.Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Name: J\u00fcrgen")]
    [InlineData("X-Name: J\u00c3\u00bcrgen")]
    [InlineData("X-Name: \u00ff\u00fe")]
    [InlineData("Cookie: a=b; c=\"d\"")]
    [InlineData("X-Empty:")]
    public async Task Header_OfAnyCharset_ArrivesAsItsBytes(string header)
    {
        var head = await SendAsync(new(), header);
        var (name, value) = (header.Split(':')[0], header.Split(':')[1].Trim());
        Assert.Equal(value, Assert.Single(head.Values(name)));
    }

    [Fact]
    public async Task Header_NominatedInConnection_EndsHere()
    {
        var head = await SendAsync(
            new(), "Connection: X-Hop", "X-Hop: 1", "Keep-Alive: 5", "Proxy-Connection: x", "TE: trailers", "X-Kept: 1");
        foreach (var name in (string[])["X-Hop", "Keep-Alive", "Proxy-Connection", "Connection"])
            Assert.Empty(head.Values(name));
        Assert.Single(head.Values("X-Kept"));
    }

    [Theory]
    [InlineData("/a%2Fb%3B?c=%7E|%5E", "/a%2Fb%3B?c=%7E|%5E")]
    [InlineData("/a/../b?c=/../d", "/b?c=/../d")]
    public async Task Target_UnderADestinationWithAPath_IsAppendedToIt(string target, string arrives)
    {
        var head = await SendAsync(new(), target, "base/");
        Assert.Equal($"GET /base{arrives}", head.Line);
    }

    [Fact]
    public async Task Target_ThatARoutesTransformChanges_ArrivesChanged()
    {
        var setup = new GatewaySetup().Edit(config =>
            config.Routes["legacy"]!["Transforms"] = new System.Text.Json.Nodes.JsonArray(
                new System.Text.Json.Nodes.JsonObject { ["PathPrefix"] = "/v2" }));
        Assert.Equal("GET /v2/a%20b?c=d", (await SendAsync(setup, "/a%20b?c=d", "")).Line);
    }

    [Theory]
    [InlineData("/a/..%2fb", "ambiguous-path")]
    [InlineData("/a%zz", "request-target")]
    public async Task Refusal_OfATarget_SaysWhatAndWhoAndClosesTheConnection(string target, string code)
    {
        await using var gateway = await Setup(new(), "").StartAsync();
        var answer = await WireClient.TalkAsync(
            new(IPAddress.Loopback, gateway.PublicAddress.Port), Refused("", Get(target, "X-Request-Id: given-by-me")));

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        foreach (var line in (string[])["X-Request-Id: given-by-me", "X-Served-By: gateway", "X-Route-Reason: refused",
            "Proxy-Status: gateway; error=http_request_error", "Connection: close", "Content-Type: application/problem+json"])
            Assert.Contains("\r\n" + line + "\r\n", answer, StringComparison.Ordinal);
        var body = answer[(answer.IndexOf('{', StringComparison.Ordinal))..(answer.LastIndexOf('}') + 1)];
        Assert.Equal(code, JsonDocument.Parse(body).RootElement.GetProperty("code").GetString());
        Assert.Empty(_legacy.Requests);
    }

    [Theory]
    [InlineData("/api/calendar/a%2Fb/export")] // As /api/calendar/a/b/export it would be under another flag.
    [InlineData("/api%2Fcalendar/x")]
    [InlineData("/a/..%2fb")]
    public async Task Explain_OfATargetThatIsRefused_SaysSo(string target)
    {
        await using var gateway = await Setup(new(), "").StartAsync();
        var decision = (await gateway.ExplainAsync("GET", target)).GetProperty("decision");
        Assert.Equal("gateway", decision.GetProperty("backend").GetString());
        Assert.Equal("refused", decision.GetProperty("reason").GetString());
    }

    private Task<RawRequest> SendAsync(GatewaySetup setup, params string[] headers) => AskAsync(Setup(setup, ""), Get("/", headers));

    private Task<RawRequest> SendAsync(GatewaySetup setup, string target, string under) => AskAsync(Setup(setup, under), Get(target));

    private GatewaySetup Setup(GatewaySetup setup, string under) => setup.Edit(config =>
        config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = _legacy.Address + under);

    private async Task<RawRequest> AskAsync(GatewaySetup setup, string bytes)
    {
        await using var gateway = await setup.StartAsync();
        var answer = await WireClient.TalkAsync(new(IPAddress.Loopback, gateway.PublicAddress.Port), Refused("", bytes));
        Assert.Equal(200, WireClient.StatusOf(answer));
        return _legacy.Requests[0];
    }
}
