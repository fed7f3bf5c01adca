using Gateway.Configuration;

namespace Gateway.Tests.Routing;

/// <summary>Holds docs/contract.md section 2: what gateway.json may say. What fails later, or does nothing, is refused before.</summary>
public sealed class GatewayFileTests
{
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
    [InlineData("\"01:00:00.001\"")]
    [InlineData("\"99999999999.00:00:00\"")]
    [InlineData("null")]
    public async Task Duration_WithoutUnitOrRange_IsRefusedWithBoth(string json)
    {
        var finding = Assert.Single(await CandidateFile.ReadAsync($"{Active}/Interval", json));

        Assert.Equal("ReverseProxy:Clusters:legacy:HealthCheck:Active:Interval", finding.Path);
        Assert.Equal("a duration (d.hh:mm:ss.fff) from 00:00:00.1000000 to 01:00:00", finding.Expected);
    }

    [Theory]
    [InlineData($"{Active}/Timeout", "3")]
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
    [InlineData("\"01:00:00\"")]
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
    [InlineData("Routes/legacy/Match/Headers/0/Name", "\"X Y\"")]
    [InlineData("Routes/legacy/Match/Headers/0/Values/0", "\" a\"")]
    [InlineData("Routes/legacy/Match/Headers/0/Mode", "\"Regex\"")]
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
    [InlineData("Routes/legacy/Match/Methods", "[ \"GETT\" ]", "GETT")]
    [InlineData("Routes/legacy/Match", "{}", "requires Hosts or Path")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathPattern": "/{x" } ]""", "incomplete")]
    [InlineData("Routes/legacy/Transforms", """[ { "PathPrefx": "/x" } ]""", "PathPrefx")]
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
    [InlineData("http://legacy:8080", "http://*:8080", false)]
    public async Task Address_OfTheGatewayItself_IsRefused(string address, string listener, bool refused) =>
        Assert.Equal(refused, (await CandidateFile.ReadAsync($"{Destination}/Address", $"\"{address}\"", listener)).Count == 1);

    [Fact]
    public async Task Finding_OfAValueWithLineEnds_IsOneLine()
    {
        var finding = Assert.Single(await CandidateFile.ReadAsync($"{Active}/Interval", "\"5\\r\\nDIR: valid\""));

        Assert.Contains("\"5\\r\\nDIR: valid\"", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_ThatStandsTwice_IsNamed()
    {
        using var config = new ConfigDirectory();
        var text = config.Gateway.ToJsonString().Replace(
            "\"legacy\":{\"ClusterId\"", "\"legacy\":{\"clusterid\":\"calendar\",\"ClusterId\"", StringComparison.Ordinal);

        Assert.Contains("Routes:legacy:ClusterId", Assert.Single(await CandidateFile.ReadAsync(text)).Expected, StringComparison.Ordinal);
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
