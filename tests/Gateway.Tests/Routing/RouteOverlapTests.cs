using System.Text.Json.Nodes;

namespace Gateway.Tests.Routing;

/// <summary>Holds docs/contract.md section 2: no request is of two routes.</summary>
public sealed class RouteOverlapTests
{
    private const string Id = """{ "Path": "/r/{id}" """;
    private const string Name = """{ "Path": "/r/{name}" """;
    private const string Plain = """{ "Path": "/r" """;

    [Theory]
    [InlineData("""{ "Path": "/reports/{**a}" }""", """{ "Path": "/reports/{**b}" }""", "GET /reports/1")]
    [InlineData(Id + "}", Name + "}", "GET /r/1")]
    [InlineData("""{ "Path": "/R/{id}/x" }""", """{ "Path": "/r/{name}/X" }""", "GET /R/1/x")]
    [InlineData("""{ "Path": "/r/{id?}" }""", """{ "Path": "/r/{name?}" }""", "GET /r/1")]
    [InlineData("""{ "Path": "/r/{id:int}" }""", """{ "Path": "/r/{n:long}" }""", "GET /r/1")]
    [InlineData("""{ "Path": "/r/{a}-{b}" }""", """{ "Path": "/r/{c}.{d}" }""", "GET /r/1-11.1")]
    [InlineData("""{ "Path": "/r/{a:regex(^[0-9]+$)}" }""", """{ "Path": "/r/{b:minlength(1)}" }""", "GET /r/1")]
    [InlineData(Plain + "}", """{ "Path": "r/" }""", "GET /r")]
    [InlineData(Id + """, "Methods": [ "GET", "POST" ] }""", Name + """, "Methods": [ "PUT", "POST" ] }""", "POST /r/1")]
    [InlineData(Id + """, "Hosts": [ "a.b", "c.d" ] }""", Name + """, "Hosts": [ "c.d" ] }""", "GET c.d/r/1")]
    [InlineData("""{ "Hosts": [ "a.b" ] }""", """{ "Path": "/{**x}", "Hosts": [ "a.b" ] }""", "GET a.b/1")]
    [InlineData(
        Plain + """, "Headers": [ { "Name": "X", "Values": [ "a", "b" ] } ] }""",
        Plain + """, "Headers": [ { "Name": "x", "Values": [ "b" ] } ] }""", "GET /r with X: b")]
    [InlineData(
        Plain + """, "Headers": [ { "Name": "X", "Values": [ "a" ], "Mode": "HeaderPrefix" } ] }""",
        Plain + """, "Headers": [ { "Name": "X", "Values": [ "abc" ] } ] }""", "GET /r with X: abc")]
    [InlineData(
        Plain + """, "Headers": [ { "Name": "X", "Values": [ "a" ] } ] }""",
        Plain + """, "Headers": [ { "Name": "Y", "Values": [ "b" ] } ] }""", "GET /r with X: a with Y: b")]
    [InlineData(
        Plain + """, "QueryParameters": [ { "Name": "x", "Values": [ "a" ] } ] }""",
        Plain + """, "QueryParameters": [ { "Name": "x", "Mode": "Exists" } ] }""", "GET /r?x=a")]
    public async Task Routes_ThatOneRequestIsOf_AreRefusedAndBothNamed(string first, string second, string witness)
    {
        var finding = Assert.Single(await ReadAsync(first, second));

        Assert.Equal("ReverseProxy:Routes:second:Match", finding.Path);
        Assert.Contains("route first (", finding.Expected, StringComparison.Ordinal);
        Assert.Contains($"{witness} is of both", finding.Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Id + """, "Methods": [ "GET" ] }""", Name + """, "Methods": [ "POST" ] }""")]
    [InlineData(Id + """, "Methods": [ "GET" ] }""", Name + """, "Methods": [ "HEAD", "OPTIONS" ] }""")]
    [InlineData(Id + """, "Methods": [ "GET" ] }""", Name + "}")]
    [InlineData(Id + """, "Hosts": [ "a.b" ] }""", Name + """, "Hosts": [ "c.d" ] }""")]
    [InlineData(Id + """, "Hosts": [ "a.b" ] }""", Name + "}")]
    [InlineData(Id + """, "Hosts": [ "a.b.c" ] }""", Name + """, "Hosts": [ "*.b.c" ] }""")]
    [InlineData(Id + """, "Hosts": [ "a.b:80" ] }""", Name + """, "Hosts": [ "a.b:81" ] }""")]
    [InlineData(
        Plain + """, "Headers": [ { "Name": "X", "Values": [ "a" ] } ] }""", Plain + """, "Headers": [ { "Name": "X", "Values": [ "b" ] } ] }""")]
    [InlineData(
        Plain + """, "Headers": [ { "Name": "X", "Mode": "Exists" } ] }""", Plain + """, "Headers": [ { "Name": "X", "Mode": "NotExists" } ] }""")]
    [InlineData(Plain + """, "Headers": [ { "Name": "X", "Values": [ "a" ] } ] }""", Plain + "}")]
    [InlineData(
        Plain + """, "QueryParameters": [ { "Name": "x", "Values": [ "a" ] } ] }""",
        Plain + """, "QueryParameters": [ { "Name": "x", "Values": [ "b" ] } ] }""")]
    [InlineData("""{ "Path": "/r/{id:int}" }""", """{ "Path": "/r/{name:alpha}" }""")]
    [InlineData("""{ "Path": "/r/{id:int}" }""", """{ "Path": "/r/{name:guid}" }""")]
    [InlineData("""{ "Path": "/r/{a:regex(^[0-9]+$)}" }""", """{ "Path": "/r/{b:regex(^[a-z]+$)}" }""")]
    [InlineData("""{ "Path": "/r/{a}.png" }""", """{ "Path": "/r/{b}.jpg" }""")]
    [InlineData("""{ "Path": "/r/{id}/a" }""", """{ "Path": "/r/{name}/b" }""")]
    [InlineData("""{ "Path": "/r/{a}/{**x}" }""", """{ "Path": "/r/{a}" }""")]
    public async Task Routes_ThatCanBeToldApart_AreTaken(string first, string second) => Assert.Empty(await ReadAsync(first, second));

    [Fact]
    public async Task Routes_WithAnOrder_AreTaken() => Assert.Empty(await ReadAsync(Id + "}", Name + "}", order: 1));

    /// <summary>A host a tenant, all on one path: the pairs are many and have nothing in common.</summary>
    [Fact]
    public async Task Routes_OfManyHosts_AreTaken()
    {
        using var config = new ConfigDirectory();
        for (var i = 0; i < 150; i++)
            config.Routes[$"tenant-{i}"] = Route($$"""{ "Path": "/{**all}", "Hosts": [ "tenant-{{i}}.example" ] }""");

        Assert.Empty(await CandidateFile.ReadAsync(config.Gateway.ToJsonString()));
    }

    private static async Task<IReadOnlyList<Gateway.Configuration.ConfigFinding>> ReadAsync(string first, string second, int order = 0)
    {
        using var config = new ConfigDirectory();
        config.Routes["first"] = Route(first);
        config.Routes["second"] = Route(second);
        config.Routes["second"]!["Order"] = order;
        return await CandidateFile.ReadAsync(config.Gateway.ToJsonString());
    }

    private static JsonObject Route(string match) => new() { ["ClusterId"] = "legacy", ["Match"] = JsonNode.Parse(match) };
}
