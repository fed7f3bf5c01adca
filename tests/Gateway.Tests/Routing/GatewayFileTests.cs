using System.Net;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Listening;

namespace Gateway.Tests.Routing;

/// <summary>
/// What fails later, or does nothing, is refused before. A little over 250 lines, most of them the documents that are refused.
/// Holds docs/contract.md section 2: what gateway.json may say.
/// </summary>
public sealed class GatewayFileTests
{
    /// <summary>Every value is legal, and yet it takes six minutes until it is down.</summary>
    private const string SlowCluster = """
        { "HealthCheck": { "Active": { "Enabled": true, "Interval": "00:01:00", "Timeout": "00:01:00", "Policy": "RiseFall" } },
          "Metadata": { "Health.Fall": 3 }, "Destinations": { "a": { "Address": "http://a" } } }
        """;

    private const string Active = "Clusters/legacy/HealthCheck/Active";
    private const string Destination = "Clusters/legacy/Destinations/legacy-1";
    private const string Client = "Clusters/legacy/HttpClient";
    private const string Affinity = "Clusters/legacy/SessionAffinity";

    /// <summary>A bare number is days to .NET, 5:30 hours, and 24:00:00 is 24 days; whoever wrote it means something else.</summary>
    [Theory]
    [InlineData("\"60\"")]
    [InlineData("5")]
    [InlineData("\"5:30\"")]
    [InlineData("\"24:00:00\"")]
    [InlineData("\"1:2:3:4\"")]
    [InlineData("\"5s\"")]
    [InlineData("\" 00:00:05\"")]
    [InlineData("\"00:00:00\"")]
    [InlineData("\"-00:00:05\"")]
    [InlineData("\"00:00:00.099\"")]
    [InlineData("\"00:01:00.001\"")]
    [InlineData("\"00:59:59\"")]
    [InlineData("\"5.00:00:00\"")]
    [InlineData("\"99999999999.00:00:00\"")]
    [InlineData("null")]
    public async Task Duration_WithoutUnitOrRange_IsRefusedWithBoth(string json)
    {
        var finding = Assert.Single(await CandidateFile.ReadAsync($"{Active}/Interval", json));

        Assert.Equal("ReverseProxy:Clusters:legacy:HealthCheck:Active:Interval", finding.Path);
        Assert.Equal("a duration (d.hh:mm:ss.fff) from 00:00:00.1000000 to 00:01:00", finding.Expected);
    }

    [Theory]
    [InlineData($"{Active}/Timeout", "3")]
    [InlineData($"{Active}/Timeout", "\"00:10:00\"")]
    [InlineData("Clusters/legacy/HealthCheck/Passive/ReactivationPeriod", "\"1.00:00:00\"")]
    [InlineData("Clusters/legacy/HttpRequest/ActivityTimeout", "\"23:59:59\"")]
    [InlineData("Clusters/legacy/HealthCheck/Passive/ReactivationPeriod", "\"24:00:00\"")]
    [InlineData("Clusters/legacy/HttpRequest/ActivityTimeout", "\"100\"")]
    [InlineData($"{Affinity}/Cookie/MaxAge", "\"5\"")]
    [InlineData($"{Affinity}/Cookie/Expiration", "\"1:2:3:4\"")]
    public async Task Duration_OfAnyKey_IsHeldToTheSameRule(string path, string json)
    {
        var finding = Assert.Single(await CandidateFile.ReadAsync(path, json));

        Assert.EndsWith(path.Replace('/', ':'), finding.Path, StringComparison.Ordinal);
        Assert.StartsWith("a duration (d.hh:mm:ss.fff) from ", finding.Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"00:00:00.100\"")]
    [InlineData("\"0:00:05\"")]
    [InlineData("\"00:01:00\"")]
    public async Task Duration_InHoursMinutesAndSeconds_IsTaken(string json) =>
        Assert.Empty(await CandidateFile.ReadAsync($"{Active}/Interval", json));

    [Theory]
    [InlineData($"{Active}/Path", "\"readyz\"")]
    [InlineData($"{Active}/Path", "\"/readyz?full=1\"")]
    [InlineData($"{Active}/Path", "\"/ready z\"")]
    [InlineData($"{Active}/Path", "\"\"")]
    [InlineData($"{Active}/Query", "\"full=1\"")]
    [InlineData($"{Destination}/Address", "\"legacy:80\"")]
    [InlineData($"{Destination}/Address", "\"//legacy\"")]
    [InlineData($"{Destination}/Address", "\"ftp://legacy\"")]
    [InlineData($"{Destination}/Address", "\"http:/legacy\"")]
    [InlineData($"{Destination}/Address", "\"http://user:secret@legacy\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy/?x=1\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy/#top\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy:0\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy:99999\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy:\"")]
    [InlineData($"{Destination}/Address", "\"http://*:80\"")]
    [InlineData($"{Destination}/Address", "\" http://legacy\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy/a b\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy/größe\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy\\\\x\"")]
    [InlineData($"{Destination}/Address", "\"http://legacy/a%zz\"")]
    [InlineData($"{Destination}/Address", "\"http://10.0.0.256:8080\"")]
    [InlineData($"{Destination}/Health", "\"http://legacy/?x=1\"")]
    [InlineData($"{Destination}/Host", "\"shop example\"")]
    [InlineData($"{Destination}/Host", "\"http://shop.example\"")]
    [InlineData($"{Destination}/Host", "\"shop.example/x\"")]
    [InlineData($"{Destination}/Host", "\"shop.example:99999\"")]
    [InlineData($"{Destination}/Host", "\"größe.example\"")]
    [InlineData("Clusters/legacy/Metadata/Health.ExpectedStatus", "\"500-200\"")]
    [InlineData("Clusters/legacy/Metadata/Health.ExpectedStatus", "\"200-600\"")]
    [InlineData("Clusters/legacy/Metadata/Health.Fall", "\"-1\"")]
    [InlineData("Clusters/legacy/Metadata/health.fall", "\"200\"")]
    [InlineData("Clusters/legacy/Metadata/ConsecutiveFailuresHealthPolicy.Threshold", "\"abc\"")]
    [InlineData("Clusters/legacy/Metadata/TransportFailureRateHealthPolicy.RateLimit", "\"7\"")]
    [InlineData("Clusters/legacy/LoadBalancingPolicy", "\"RoundRobbin\"")]
    [InlineData($"{Client}/MaxConnectionsPerServer", "-1")]
    [InlineData($"{Client}/WebProxy/Address", "\"http://user:secret@proxy:3128\"")]
    [InlineData($"{Affinity}/Policy", "\"Cookies\"")]
    [InlineData($"{Affinity}/FailurePolicy", "\"Retry\"")]
    [InlineData($"{Affinity}/AffinityKeyName", "\"my key\"")]
    [InlineData($"{Affinity}/Cookie/SameSite", "\"Sometimes\"")]
    [InlineData("Routes/legacy/Match/Hosts/0", "\"http://shop.example\"")]
    [InlineData("Routes/legacy/Match/Hosts/0", "\"shop.example/path\"")]
    [InlineData("Routes/legacy/Match/Hosts/0", "\"shop example\"")]
    [InlineData("Routes/legacy/Match/Hosts/0", "\"*shop.example\"")]
    [InlineData("Routes/legacy/Match/Hosts/0", "\"shop.example:eighty\"")]
    [InlineData("Routes/legacy/Match/Hosts/0", "\"[::1]:80\"")]
    [InlineData("Routes/legacy/Match/Methods/0", "\"GETT\"")]
    [InlineData("Routes/legacy/Match/Headers/0/Name", "\"X Y\"")]
    [InlineData("Routes/legacy/Match/Headers/0/Values/0", "\" a\"")]
    [InlineData("Routes/legacy/Match/Headers/0/Mode", "\"Regex\"")]
    [InlineData("Routes/calendar/Metadata/FallbackOn", "\"4xx\"")]
    [InlineData("Routes/calendar/Metadata/FallbackOn", "\"404,410\"")]
    [InlineData("Routes/calendar/Metadata/FallbackOn", "500")]
    [InlineData("Routes/legacy/Order", "2147483647")]
    [InlineData("Routes/legacy/MaxRequestBodySize", "-2")]
    [InlineData("Routes/legacy/Transforms/0/RequestHeader", "\"X Y\"")]
    [InlineData("Routes/legacy/Transforms/0/Set", "\"a\\nb\"")]
    public async Task Value_ThatWouldFailLaterOrDoNothing_IsRefusedWhereItStands(string path, string json)
    {
        var finding = Assert.Single(await ReadListsAsync(path, json));

        Assert.Equal(("gateway.json", "ReverseProxy:" + path.Replace('/', ':')), (finding.File, finding.Path));
    }

    /// <summary>Found by building what would run: the message is the builder's.</summary>
    [Theory]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:nosuch}\"", "nosuch")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:regex([)}\"", "Unterminated")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:int:regex((a)}\"", "Not enough )")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:regex([)?}\"", "Unterminated")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:range(a,b)}\"", "RangeRouteConstraint")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:length(5,1)}\"", "LengthRouteConstraint")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id}/{id}\"", "more than one time")]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id\"", "incomplete")]
    [InlineData("Routes/legacy/Match/Path", "\"/a%20b\"", "decoded")]
    [InlineData("Routes/legacy/Match/Path", "\"/a#b\"", "fragment")]
    [InlineData("Routes/legacy/Match/Hosts", "[ \"xn--gre-6ka8l.example\" ]", "Punycode")]
    [InlineData("Routes/legacy/Match", "{}", "requires Hosts or Path")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathPattern": "/{x" } ]""", "incomplete")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathPrefx": "/x" } ]""", "known here: RequestHeader, ")]
    [InlineData("Routes/legacy/Transforms", """[ { "HttpMethodChange": "GET", "Set": "A B" } ]""", "HTTP method is invalid")]
    [InlineData("Clusters/legacy/HttpClient/RequestHeaderEncoding", "\"utf-99\"", "utf-99")]
    [InlineData("Clusters/legacy/HealthCheck/Active", """{ "Enabled": true, "Policy": "RiseFal" }""", "RiseFal")]
    [InlineData("Clusters/größe", """{ "Destinations": { "a": { "Address": "http://a" } } }""", "ASCII")]
    [InlineData("Clusters/a b", """{ "Destinations": { "a": { "Address": "http://a" } } }""", "without blanks")]
    [InlineData("Routes/a:b", """{ "ClusterId": "legacy", "Match": { "Path": "/x" } }""", "colons")]
    [InlineData("Routes/none", """{ "ClusterId": "legacy", "Match": { "Path": "/x" } }""", "not none")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathPattern": "/x/{nosuch}" } ]""", "which nosuch is not")]
    [InlineData("Routes/legacy/Transforms", """[ { "QueryRouteParameter": "q", "Append": "nosuch" } ]""", "a value of the route's path: rest")]
    [InlineData("Routes/legacy/Transforms", """[ { "RequestHeaderRouteValue": "X-A", "Set": "nosuch" } ]""", "a value of the route's path: rest")]
    [InlineData("Routes/legacy/Transforms", """[ { "RequestHeader": "content-length", "Set": "5" } ]""", "where the body ends")]
    [InlineData("Routes/legacy/Transforms", """[ { "ResponseHeader": "Transfer-Encoding", "Set": "chunked" } ]""", "where the body ends")]
    [InlineData("Routes/legacy/Transforms", """[ { "ResponseHeader": "X-A", "Set": "\u2603" } ]""", "ISO 8859-1")]
    [InlineData("Routes/legacy/Transforms", """[ { "RequestHeader": "X-A", "Append": "\u2603" } ]""", "ISO 8859-1")]
    public async Task File_ThatCannotBePutToUse_IsRefusedInTheBuildersWords(string path, string json, string words) => Assert.Contains(
        await CandidateFile.ReadAsync(path, json),
        f => f.Severity == FindingSeverity.Error && f.Expected.Contains(words, StringComparison.Ordinal));

    [Theory]
    [InlineData("Routes/legacy/Match/Hosts", """[ "a.b", "*.c.d", "*:8080", "größe.example", "localhost:*" ]""")]
    [InlineData("Routes/legacy/Match/Headers", """[ { "Name": "X-A", "Values": [ "a b" ], "Mode": "Contains" } ]""")]
    [InlineData("Routes/new", """{ "ClusterId": "legacy", "Match": { "Path": "q/{x:regex(^\\d{{3}}$)}" } }""")]
    [InlineData(Destination, """{ "Address": "https://legacy_1.example:8443/base/", "Health": "http://[::1]:80/h", "Host": "shop.example:81" }""")]
    [InlineData($"{Destination}/Address", "\"http://größe.example\"")]
    [InlineData(Affinity, """{ "Enabled": true, "AffinityKeyName": ".Key", "Cookie": { "MaxAge": "1.00:00:00", "SameSite": "Lax", "Path": "/x" } }""")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathRemovePrefix": "/x" }, { "RequestHeadersCopy": true }, { "X-Forwarded": "Set", "HeaderPrefix": "X-F-" }, { "ResponseHeader": "X-A", "Set": "a b", "When": "Always" } ]""")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathPattern": "/{**rest}" }, { "QueryRouteParameter": "q", "Set": "REST" }, { "RequestHeaderRouteValue": "X-A", "Append": "rest" }, { "PathPattern": "/a/{b=c}/{d?}" } ]""")]
    [InlineData("Routes/calendar/Metadata/FallbackOn", "\"404\"")]
    [InlineData("Routes/calendar/Metadata/FallbackOn", "404")]
    [InlineData("Routes/hosts", """{ "ClusterId": "legacy", "Match": { "Hosts": [ "a.b" ] }, "Transforms": [ { "PathPattern": "/x/{**catchall}" }, { "ResponseHeader": "X-A", "Set": "é" }, { "ResponseHeaderRemove": "Content-Length" } ] }""")]
    [InlineData($"{Destination}/Address", "\"http://10.1:8080/a%20b\"")]
    public async Task File_ThatCanBePutToUse_IsTaken(string path, string json) => Assert.Empty(await CandidateFile.ReadAsync(path, json));

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://*:8080", true)]
    [InlineData("http://localhost:8080/base", "http://+:8080", true)]
    [InlineData("http://[::1]:8080", "http://[::]:8080", true)]
    [InlineData("https://0.0.0.0:8443", "https://0.0.0.0:8443", true)]
    [InlineData("http://localhost:9901", "http://127.0.0.1:9901", true)]
    [InlineData("http://localhost.:8080", "http://*:8080", true)]
    [InlineData("http://127.0.0.1:8082", "http://*:8080", false)]
    [InlineData("http://192.0.2.7:8080", "http://*:8080", false)]
    [InlineData("http://127.0.0.2:8080", "http://127.0.0.1:8080", false)]
    [InlineData("http://0.0.0.0:9901", "http://127.0.0.1:9901", true)]
    [InlineData("http://[::ffff:127.0.0.1]:9901", "http://127.0.0.1:9901", true)]
    [InlineData("http://2130706433:9901", "http://127.0.0.1:9901", true)]
    [InlineData("http://127.1:9901", "http://127.0.0.1:9901", true)]
    [InlineData("http://any.localhost:9901", "http://127.0.0.1:9901", true)]
    [InlineData("http://[::]:8080", "http://[::1]:8080", true)]
    [InlineData("http://[::1]:9901", "http://127.0.0.1:9901", false)]
    [InlineData("http://127.0.0.2:8080", "http://localhost:8080", false)]
    [InlineData("http://legacy:8080", "http://*:8080", false)]
    public async Task Address_OfTheGatewayItself_IsRefused(string address, string listener, bool refused) =>
        Assert.Equal(refused, (await CandidateFile.ReadAsync($"{Destination}/Address", $"\"{address}\"", listener)).Count == 1);

    [Fact]
    public async Task Finding_OfAValueWithLineEnds_IsOneLine()
    {
        var finding = Assert.Single(await CandidateFile.ReadAsync($"{Active}/Interval", "\"5\\r\\nDIR: valid\""));

        Assert.Contains("\"5\\r\\nDIR: valid\"", finding.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"{Destination}/Health", "http://127.0.0.1:9901/readyz")]
    [InlineData($"{Client}/WebProxy/Address", "http://127.0.0.1:9901")]
    public async Task Address_OfAProbeOrAProxy_IsNotTheGatewaysOwnEither(string path, string address) => Assert.Contains(
        "the gateway's own", Assert.Single(await CandidateFile.ReadAsync(path, $"\"{address}\"", "http://127.0.0.1:9901")).Expected,
        StringComparison.Ordinal);

    /// <summary>Names are looked up by the system; what they stand for is compared here.</summary>
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("192.0.2.7", false)]
    public void Address_ByAName_IsWhatTheNameStandsFor(string found, bool own) => Assert.Equal(own,
        ListenerAddress.Parse("http://*:8080")!.IsReachedBy(new Uri("http://gateway.example:8080"), [IPAddress.Parse(found)]));

    /// <summary>What the shape, the chain, YARP, the matcher and the addresses find, in one go: none hides another.</summary>
    [Fact]
    public async Task Faults_OfEveryKind_AreToldAtOnce()
    {
        using var config = new ConfigDirectory();
        config.Routes["legacy"]!["Order"] = "first";
        config.Routes["generate"]!["Match"]!["Path"] = "/api/{id:nosuch}";
        config.Routes["publish"]!["ClusterId"] = "calender";
        config.Routes["publish"]!["Metadata"]!["Fallback"] = "legcy,dryrun";
        config.Routes["publish"]!["Transforms"] = JsonNode.Parse("""[ { "PathPattern": "/{x" }, { "PathPrefx": "/" }, { "PathPattern": "/{nosuch}" } ]""");
        config.Routes["export"]!["Match"]!["Headers"] = JsonNode.Parse("""[ { "Name": "X Y" } ]""");
        config.Routes["one"] = JsonNode.Parse("""{ "ClusterId": "legacy", "Match": { "Path": "/r/{a}" }, "Mach": 1 }""");
        config.Routes["two"] = JsonNode.Parse("""{ "ClusterId": "legacy", "Match": { "Path": "/r/{b}" } }""");
        config.Clusters["legacy"]!["HttpClient"] = JsonNode.Parse("""{ "RequestHeaderEncoding": "utf-99", "SslProtocols": [ "Tls99" ] }""");
        config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = "http://localhost:8080";
        config.Clusters["calendar"]!["HttpClient"] = JsonNode.Parse("""{ "RequestHeaderEncoding": "utf-98" }""");

        var findings = await CandidateFile.ReadAsync(config.Gateway.ToJsonString(), listeners: ["http://*:8080"]);

        Assert.Equal(
            [
                "Clusters:calendar:HttpClient:RequestHeaderEncoding", "Clusters:legacy:Destinations:legacy-1:Address",
                "Clusters:legacy:HttpClient:RequestHeaderEncoding", "Clusters:legacy:HttpClient:SslProtocols:0",
                "Routes:export:Match:Headers:0:Name", "Routes:generate:Match:Path", "Routes:legacy:Order", "Routes:one:Mach",
                "Routes:publish:ClusterId", "Routes:publish:Metadata:Fallback", "Routes:publish:Metadata:Fallback",
                "Routes:publish:Transforms:0", "Routes:publish:Transforms:1:PathPrefx", "Routes:publish:Transforms:2:PathPattern",
                "Routes:two:Match",
            ],
            findings.Select(f => f.Path["ReverseProxy:".Length..]).Order(StringComparer.Ordinal));
        Assert.All(findings, finding => Assert.True(finding is { Line: 1, Column: > 1 }, finding.ToString()));
        Assert.Equal(
            ["calendar", "legacy", "dry-run", "PathPrefix"],
            findings.Where(f => f.Path.Contains("publish", StringComparison.Ordinal)).Select(f => f.Suggestion).OfType<string>()
                .OrderBy(name => name.Length == 8 ? 0 : name.Length == 6 ? 1 : name.Length));
    }

    [Theory]
    [InlineData("Routes/legacy/Metadata", """{ "Streems": "guard" }""", "Streems", "Streams")]
    [InlineData("Routes/legacy/Metadata", """{ "FallbackOn": "404" }""", "FallbackOn", null)]
    [InlineData("Routes/export/Metadata/FallbackOn", "404", "FallbackOn", null)]
    [InlineData("Routes/generate/Metadata/FallbackOn", "404", "FallbackOn", null)]
    [InlineData("Clusters/legacy/Metadata", """{ "Health.ExpectedStatuses": "200-299" }""", "Health.ExpectedStatuses", "Health.ExpectedStatus")]
    [InlineData("Clusters/legacy/HealthCheck/Active/Policy", "\"ConsecutiveFailures\"", "Health.ExpectedStatus", null)]
    [InlineData("Clusters/slow", SlowCluster, "Interval", null)]
    [InlineData("Clusters/twins", """{ "Destinations": { "a": { "Address": "http://b" }, "b": { "Address": "HTTP://B:80/" } } }""", "Address", null)]
    public async Task Value_ThatIsProbablyNotMeant_IsAWarningWithItsPlace(string path, string json, string key, string? suggestion)
    {
        var warning = Assert.Single(await CandidateFile.ReadAsync(path, json, "http://*:8080"), f => f.Path.EndsWith(key, StringComparison.Ordinal));

        Assert.Equal((FindingSeverity.Warning, suggestion), (warning.Severity, warning.Suggestion));
        Assert.NotNull(warning.Line);
    }

    /// <summary>A path through a list makes it a list of that one item.</summary>
    private static Task<IReadOnlyList<ConfigFinding>> ReadListsAsync(string path, string json)
    {
        var keys = path.Split('/');
        for (var i = keys.Length - 1; i > 0; i--)
        {
            if (keys[i] != "0")
                continue;
            var rest = keys[(i + 1)..].Reverse().Aggregate(json, (inner, key) => inner.StartsWith('[') && key == "" ? inner : $"{{\"{key}\":{inner}}}");
            json = keys[^1] == "Name" || !path.Contains("Headers/0", StringComparison.Ordinal) || !rest.StartsWith('{')
                ? $"[{rest}]"
                : $"[{{\"Name\":\"X\",{rest[1..]}]";
            keys = keys[..i];
        }

        return CandidateFile.ReadAsync(string.Join('/', keys), json);
    }
}
