using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Rollout;
using Gateway.Tests.Routing;
using Json.Schema;

namespace Gateway.Tests.Configuration;

/// <summary>Holds docs/contract.md section 2: the schemas that editors read say what the check says, as far as a schema can.</summary>
public sealed class SchemaTests
{
    private static readonly EvaluationOptions Options = new() { EvaluateAs = SpecVersion.Draft7 };
    private static readonly Dictionary<string, JsonSchema> Schemas = ((string[])["gateway", "rollout"])
        .ToDictionary(name => name, name => JsonSchema.FromText(Shipped($"{name}.schema.json")));

    [Theory]
    [InlineData("gateway")]
    [InlineData("rollout")]
    public async Task Schema_ThatShips_IsWhatTheCheckHoldsTheFileTo(string name)
    {
        var (code, printed) = await CommandLine.CommandRun.RunAsync("schema", $"{name}.json");

        Assert.Equal(0, code);
        Assert.True(printed == Shipped($"{name}.schema.json"), $"gateway schema {name}.json > config/{name}.schema.json");
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("rollout")]
    public void File_ThatShips_NamesItsSchemaAndIsLegalByIt(string name)
    {
        var file = JsonNode.Parse(Shipped($"{name}.json"), null, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;

        Assert.Equal($"./{name}.schema.json", (string?)file["$schema"]);
        Assert.True(Schemas[name].Evaluate(file, Options).IsValid);
    }

    /// <summary>One thing changed in the file that ships; both judge it alike.</summary>
    [Theory]
    [InlineData("Routes/legacy/ClusterId", "\"legacy\"", true)]
    [InlineData("Routes/legacy/ClusterId", "[]", false)]
    [InlineData("Routes/legacy/ClusterID2", "\"legacy\"", false)]
    [InlineData("Routes/legacy/Order", "7", true)]
    [InlineData("Routes/legacy/Order", "\"7\"", true)]
    [InlineData("Routes/legacy/Order", "7.5", false)]
    [InlineData("Routes/legacy/Order", "\"seven\"", false)]
    [InlineData("Routes/legacy/Order", "2147483647", false)]
    [InlineData("Routes/legacy/Timeout", "\"00:00:05\"", false)]
    [InlineData("Routes/legacy/AuthorizationPolicy", "\"default\"", false)]
    [InlineData("Routes/legacy/Metadata", """{ "Streams": "Guard", "Mine": 5 }""", true)]
    [InlineData("Routes/legacy/Metadata", """{ "Streams": "watch" }""", false)]
    [InlineData("Routes/legacy/Metadata", """{ "Mine": [] }""", false)]
    [InlineData("Routes/legacy/Metadata", """{ "Flag": "NOT-A-VARIABLE", "Fallback": "calendar" }""", false)]
    [InlineData("Routes/legacy/Match/Methods", """[ "get" ]""", true)]
    [InlineData("Routes/legacy/Match/Methods", """[ "GETT" ]""", false)]
    [InlineData("Routes/legacy/Match/Hosts", """[ "a.b", "*.c.d:80", "*:8080" ]""", true)]
    [InlineData("Routes/legacy/Match/Hosts", """[ "http://a.b" ]""", false)]
    [InlineData("Routes/legacy/Match/Headers", """[ { "Name": "X-A", "Values": [ "a b" ], "Mode": "contains", "IsCaseSensitive": "True" } ]""", true)]
    [InlineData("Routes/legacy/Match/Headers", """[ { "Values": [ "a" ] } ]""", false)]
    [InlineData("Routes/legacy/Match/Headers", """[ { "Name": "X-A", "Values": [ " a" ] } ]""", false)]
    [InlineData("Routes/legacy/Match/Headers", """[ { "Name": "X-A", "Mode": "Regex" } ]""", false)]
    [InlineData("Routes/legacy/Transforms", """[ { "PathRemovePrefix": "/x" }, { "RequestHeadersCopy": true } ]""", true)]
    [InlineData("Routes/legacy/Transforms", """[ { "PathRemovePrefx": "/x" } ]""", false)]
    [InlineData("Routes/legacy/Transforms", """[ { "RequestHeader": "X Y", "Set": "a" } ]""", false)]
    [InlineData("Routes/none", """{ "ClusterId": "legacy", "Match": { "Path": "/x" } }""", false)]
    [InlineData("Routes/a b", """{ "ClusterId": "legacy", "Match": { "Path": "/x" } }""", false)]
    [InlineData("Routes/a-b.c9", """{ "ClusterId": "legacy", "Match": { "Path": "/x" } }""", true)]
    [InlineData("Routes/new", """{ "ClusterId": "legacy" }""", false)]
    [InlineData("Routes/new", """{ "Match": { "Path": "/x" } }""", false)]
    [InlineData("Clusters/gateway", """{ "Destinations": { "a": { "Address": "http://a" } } }""", false)]
    [InlineData("Clusters/empty", """{ "Destinations": { } }""", false)]
    [InlineData("Clusters/none", """{ }""", false)]
    [InlineData("Clusters/legacy/LoadBalancingPolicy", "\"roundrobin\"", true)]
    [InlineData("Clusters/legacy/LoadBalancingPolicy", "\"RoundRobbin\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Enabled", "\"true\"", true)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Enabled", "1", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "\"00:00:05.250\"", true)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "\"5\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "5", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "\"24:00:00\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "\"5.00:00:00\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "\"00:00:99\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Policy", "\"RiseFal\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Path", "\"/ready?x\"", false)]
    [InlineData("Clusters/legacy/HealthCheck/Passive/ReactivationPeriod", "\"01:00:00\"", true)]
    [InlineData("Clusters/legacy/HttpRequest/Version", "2", true)]
    [InlineData("Clusters/legacy/HttpRequest/Version", "\"1.2\"", false)]
    [InlineData("Clusters/legacy/HttpRequest/ActivityTimeout", "\"100\"", false)]
    [InlineData("Clusters/legacy/SessionAffinity/Cookie/MaxAge", "\"399.00:00:00\"", true)]
    [InlineData("Clusters/legacy/SessionAffinity/Cookie/MaxAge", "\"1:2:3:4\"", false)]
    [InlineData("Clusters/legacy/Metadata/Health.ExpectedStatus", "\"200-499\"", true)]
    [InlineData("Clusters/legacy/Metadata/Health.ExpectedStatus", "\"2xx\"", false)]
    [InlineData("Clusters/legacy/Metadata/Health.Fall", "3", true)]
    [InlineData("Clusters/legacy/Metadata/Health.Fall", "0", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"HTTPS://legacy_1.example:8443/base%20x/\"", true)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://größe.example\"", true)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://[::2]:80\"", true)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"legacy:80\"", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"ws://legacy\"", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://legacy/?x\"", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://user:pw@legacy\"", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://legacy \"", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://legacy/a%zz\"", false)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Host", "\"shop.example:81\"", true)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Host", "\"http://shop\"", false)]
    [InlineData("Clusters/legacy/Destinations/new", """{ "Health": "http://a" }""", false)]
    [InlineData("Clusters/legacy/HealthChek", "{}", false)]
    [InlineData("Route", "{}", false)]
    public async Task GatewayFile_IsJudgedAlikeBySchemaAndCheck(string path, string json, bool legal)
    {
        var file = CandidateFile.Create(path, json);
        var errors = (await CandidateFile.ReadAsync(file.ToJsonString())).Where(f => f.Severity == FindingSeverity.Error).ToArray();

        Assert.Equal(legal, errors.Length == 0);
        Assert.Equal(legal, Schemas["gateway"].Evaluate(file, Options).IsValid);
    }

    [Theory]
    [InlineData("""{ }""", true)]
    [InlineData("""[ ]""", false)]
    [InlineData("""{ "$schema": "./rollout.schema.json", "Cohorts": { } }""", true)]
    [InlineData("""{ "Cohort": { } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "DefaultRolloutPercentage": "12.5" } } }""", true)]
    [InlineData("""{ "Cohorts": { "a": { "DefaultRolloutPercentage": 100.5 } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "DefaultRolloutPercentage": "20%" } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "DefaultRolloutPercentage": null } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "Users": "alice" } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "Users": [ "alice", "" ] } } }""", false)]
    [InlineData("""{ "Cohorts": { "a:b": { } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "Groups": [ { "Name": "staff" } ] } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { "$schema": "x" } } }""", false)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "enabled": "TRUE" } ] } }""", true)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "enabled": "yes" } ] } }""", false)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "enabled": true } ] } }""", false)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "variants": [ { "a": [ 1 ] } ] } ] } }""", true)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "conditions": { "client_filters": [ { "name": "Cohort" } ] } } ] } }""", false)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "conditions": { "client_filters": [ { "name": "Cohrt", "parameters": { } } ] } } ] } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "feature_management": { "feature_flags": [ { "id": "A", "conditions": { "client_filters": [ { "name": "Cohort", "parameters": { "Name": "a", "Percentage": 5 } } ] } } ] } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "feature_management": { "feature_flags": [ { "id": "A", "conditions": { "requirement_type": "all", "client_filters": [ { "name": "Cohort", "parameters": { "Name": "a" } } ] } } ] } }""", true)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "conditions": { "client_filters": [ { "name": "Targeting", "parameters": { "Audience": { "DefaultRolloutPercentage": 101 } } } ] } } ] } }""", false)]
    [InlineData("""{ "feature_management": { "feature_flags": [ { "id": "A", "conditions": { "client_filters": [ { "name": "TimeWindow", "parameters": { "Ende": "x" } } ] } } ] } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } } } } }""", true)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00" } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 0 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "G": { "Measure": "server-error", "Against": "control" } } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "Publish-Failed", "Against": "0.05", "Decides": "True" } } } } }""", true)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "publish-failed", "Against": 0 } } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "publish-failed", "Against": "legacy" } } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "RollbackTo": "proved", "OnRegression": "Pause", "OnInconclusive": "continue" } } }""", true)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "RollbackTo": "1" } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Windows": { "TimeZone": "Etc/UTC", "Weekly": [ "mon-FRI 08:00-24:00" ], "Freezes": [ "2026-12-20/2027-01-04T12:00Z" ] } } } }""", true)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Windows": { "TimeZone": "Etc/UTC", "Weekly": [ "Mon-Fri 8:00-16:00" ] } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Windows": { "TimeZone": "Etc/UTC", "Freezes": [ "2026-12-20" ] } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Windows": { "Weekly": [ "Mon 08:00-16:00" ] } } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Notify": [ "https://ada:pw@hooks.example/x?y", "HTTP://alertmanager:9093" ] } } }""", true)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Notify": [ "ftp://hooks.example/x" ] } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Notify": [ "https://hooks.example/x#y" ] } } }""", false)]
    [InlineData("""{ "Cohorts": { "a": { } }, "Ramps": { "a": { "Steps": [ 1 ], "Bake": "00:15:00", "Gates": { "g": { "Measure": "server-error", "Against": "control" } }, "Notfy": [ ] } } }""", false)]
    public void RolloutFile_IsJudgedAlikeBySchemaAndCheck(string json, bool legal)
    {
        var findings = new List<ConfigFinding>();
        RolloutFile.Read(Encoding.UTF8.GetBytes(json), _ => null, "Production", findings);

        Assert.Equal(legal, findings.TrueForAll(f => f.Severity == FindingSeverity.Warning));
        Assert.Equal(legal, Schemas["rollout"].Evaluate(JsonNode.Parse(json), Options).IsValid);
    }

    /// <summary>What a schema cannot say, or says more strictly; docs/contract.md section 2 names the kinds.</summary>
    [Theory]
    [InlineData("Routes/legacy/ClusterId", "\"nosuch\"", false, true)]
    [InlineData("Routes/again", """{ "ClusterId": "legacy", "Match": { "Path": "/{**all}" } }""", false, true)]
    [InlineData("Routes/legacy/Match/Path", "\"/x/{id:nosuch}\"", false, true)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://127.0.0.1:8080\"", false, true)]
    [InlineData("Clusters/legacy/Destinations/legacy-1/Address", "\"http://legacy:99999\"", false, true)]
    [InlineData("Clusters/legacy/HealthCheck/Active/Interval", "\"00:59:00\"", false, true)]
    [InlineData("Clusters/legacy/Metadata/Health.ExpectedStatus", "\"500-200\"", false, true)]
    [InlineData("Clusters/legacy/httprequest", "{}", true, false)]
    public async Task Rule_ThatASchemaCannotSay_IsTheChecks(string path, string json, bool check, bool schema)
    {
        var file = CandidateFile.Create(path, json);
        var errors = await CandidateFile.ReadAsync(file.ToJsonString(), listeners: ["http://*:8080"]);

        Assert.Equal(check, errors.All(f => f.Severity == FindingSeverity.Warning));
        Assert.Equal(schema, Schemas["gateway"].Evaluate(file, Options).IsValid);
    }

    private static string Shipped(string name) => File.ReadAllText(Path.Combine(ContractPage.Root, "config", name));
}
