using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Tests.Upstream;

/// <summary>
/// What a backend learns of the request that the client sent: its Host, how it came, its trace.
/// Holds docs/contract.md section 2: what the gateway adds to a request.
/// </summary>
public sealed class RequestHeadTests : IAsyncLifetime
{
    private StubBackend _legacy = null!;
    private StubBackend _calendar = null!;
    private GatewayHarness _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        (_legacy, _calendar) = (await StubBackend.StartAsync("legacy"), await StubBackend.StartAsync("calendar", HttpProtocols.Http2));
        _gateway = await new GatewaySetup(_calendar, _legacy).Open().Edit(config =>
            config.Clusters["calendar"]!["HttpRequest"] =
                new JsonObject { ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact" }).StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _legacy.DisposeAsync();
        await _calendar.DisposeAsync();
    }

    [Theory]
    [InlineData("shop.example")]
    [InlineData("shop.example:8443")]
    [InlineData("[2001:db8::1]:80")]
    public async Task Host_OfTheClient_ReachesBothBackendsOverBothVersions(string host)
    {
        foreach (var (path, backend) in ((string, StubBackend)[])[("/login", _legacy), ("/api/calendar/c1", _calendar)])
        {
            foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
            {
                using var request = GatewayHarness.Request(HttpMethod.Get, path, "alice", null, ("Host", host));
                (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
                using var response = await _gateway.Client.SendAsync(request);
                Assert.Equal((host, host),
                    (backend.Requests[^1].Header("Host"), backend.Requests[^1].Header("X-Forwarded-Host")));
            }
        }
    }

    [Theory]
    [InlineData("legacy.internal", null, null, "legacy.internal")]
    [InlineData(null, "RequestHeaderOriginalHost", "false", null)]
    [InlineData(null, "RequestHeaderOriginalHost", "true", "shop.example")]
    [InlineData("legacy.internal", "RequestHeader", "other.internal", "other.internal")]
    public async Task Host_ThatTheConfigurationNames_IsTheBackends(string? destination, string? transform, string? value, string? seen)
    {
        await using var gateway = await new GatewaySetup(null, _legacy).Edit(config =>
        {
            if (destination is not null)
                config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Host"] = destination;
            if (transform is "RequestHeader")
                config.Routes["legacy"]!["Transforms"] = new JsonArray(new JsonObject { [transform] = "Host", ["Set"] = value });
            else if (transform is not null)
                config.Routes["legacy"]!["Transforms"] = new JsonArray(new JsonObject { [transform] = value });
        }).StartAsync();
        using var response = await gateway.GetAsync("/login", null, ("Host", "shop.example"));
        Assert.Equal((seen ?? _legacy.Address.Authority, "shop.example"),
            (_legacy.Requests[^1].Header("Host"), _legacy.Requests[^1].Header("X-Forwarded-Host")));
    }

    /// <summary>What a trusted peer sends, and what the backend is told.</summary>
    [Theory]
    [InlineData("proto=https;host=a", "", ",https,a", true)]
    [InlineData("for=203.0.113.7;proto=https;host=a.test", "", "203.0.113.7,https,a.test", true)]
    [InlineData("For=\"[2001:db8::1]:4711\";Proto=https, for=10.0.0.1:80", "", "2001:db8::1, 10.0.0.1,https,", true)]
    [InlineData("for=_hidden;host=\"a.test:8443\"", "", "_hidden,http,a.test:8443", true)]
    [InlineData("for=203.0.113.7;proto=https", "X-Forwarded-For: 203.0.113.7", "203.0.113.7,https,", true)]
    [InlineData("proto=https", "X-Forwarded-Proto: http", ",http,", false)]
    [InlineData("for=203.0.113.7", "X-Forwarded-For: 198.51.100.1", "198.51.100.1,http,", false)]
    [InlineData("host=a", "X-Forwarded-Host: b", ",http,b", false)]
    [InlineData("for=\"203.0.113.7", "", ",http,", false)]
    [InlineData("nonsense", "", ",http,", false)]
    [InlineData("host=\"a, b\"", "", ",http,", false)]
    public async Task Forwarded_FromATrustedPeer_TellsTheSameAsTheOthers(string forwarded, string other, string told, bool kept)
    {
        (string, string)[] headers = other.Length == 0
            ? [("Forwarded", forwarded)]
            : [("Forwarded", forwarded), (other.Split(": ")[0], other.Split(": ")[1])];
        using var response = await _gateway.GetAsync("/page", null, headers);

        var seen = _legacy.Requests[^1];
        Assert.Equal(kept ? forwarded + ", for=127.0.0.1" : null, seen.Header("Forwarded"));
        var split = told.LastIndexOf(',', told.LastIndexOf(',') - 1);
        var (nodes, proto, host) = (told[..split], told[(split + 1)..told.LastIndexOf(',')], told[(told.LastIndexOf(',') + 1)..]);
        Assert.Equal(nodes.Length == 0 ? "127.0.0.1" : nodes + ", 127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal((proto, host.Length == 0 ? _gateway.PublicAddress.Authority : host),
            (seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Host")));
    }

    [Theory]
    [InlineData("baggage", "k=v;ttl=60;secret, other = x%20y ;p")]
    [InlineData("tracestate", "a=1\t,\tb=2 , c=3")]
    [InlineData("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-brings")]
    [InlineData("traceparent", "nonsense")]
    [InlineData("Upgrade-Insecure-Requests", "1")]
    public async Task Header_ThatIsNoneOfOurs_ArrivesAsItCame(string name, string value)
    {
        using var response = await _gateway.GetAsync("/page", null, (name, value));
        Assert.Equal(value, _legacy.Requests[^1].Header(name));
    }

    [Fact]
    public async Task Trace_ThatNobodyMakesSpansOf_IsTheClientsToTheLast_AndInTheLog()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var state = string.Join(',', Enumerable.Range(0, 32).Select(i => $"vendor{i}={new string('x', 20)}"));
        using var response = await _gateway.GetAsync(
            "/page", null, ("traceparent", $"cc-{Trace}-00f067aa0ba902b7-01"), ("tracestate", state));
        Assert.Equal(($"cc-{Trace}-00f067aa0ba902b7-01", state),
            (_legacy.Requests[^1].Header("traceparent"), _legacy.Requests[^1].Header("tracestate")));
        Assert.Equal(Trace, (await _gateway.Logs.CompletionAsync(response)).GetProperty("traceId").GetString());
    }

    [Theory]
    [InlineData("application/json", false)]
    [InlineData("application/grpc", true)]
    public async Task Head_OverHttp2_GoesOutWhenItComes(string type, bool http2Client)
    {
        var body = _calendar.Streams(type);
        using var request = GatewayHarness.Request(HttpMethod.Get, "/api/calendar/c1", "alice");
        if (http2Client)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        using var response = await _gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await body.SendAsync("ab");
        var buffer = new byte[10];
        await using var stream = await response.Content.ReadAsStreamAsync();
        Assert.Equal(2, await stream.ReadAsync(buffer));
        await body.EndAsync();
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }
}
