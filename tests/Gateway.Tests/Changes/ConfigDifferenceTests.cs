using System.Text;
using System.Text.Json.Nodes;
using Gateway.Changes;
using Gateway.Rollout;

namespace Gateway.Tests.Changes;

/// <summary>Holds docs/contract.md section 9: what is different between two configurations, in words.</summary>
public sealed class ConfigDifferenceTests
{
    /// <summary>An edit of the configuration that ships, and all that is said of it.</summary>
    public static TheoryData<string, Action<object>, string[]> Edits { get; } = new()
    {
        { "nothing", Edit(_ => { }), [] },
        { "percentage", Edit(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 45), ["canary 0 % → 45 %"] },
        { "fraction", Edit(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 0.5), ["canary 0 % → 0.5 %"] },
        { "same number", Edit(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 0.0), [] },
        { "left out", Edit(c => c.Cohort("canary").Remove("DefaultRolloutPercentage")), [] },
        { "a flag", Edit(c => c.Flag("PUBLISH_SERVICE_ENABLED")["enabled"] = true), ["PUBLISH_SERVICE_ENABLED on"] },
        {
            "the file's key alone", Edit(c => c.Flag("CALENDAR_SERVICE_ENABLED")["enabled"] = true),
            ["CALENDAR_SERVICE_ENABLED: the file's key on, the environment keeps it off"]
        },
        { "two users", Edit(c => c.Cohort("canary")["Users"] = Array("smoke", " alice ")), ["canary: 2 users added: smoke, alice"] },
        {
            "many users", Edit(c => c.Cohort("canary")["Users"] = Array([.. Enumerable.Range(0, 5000).Select(i => $"u{i}")])),
            ["canary: 5000 users added: u0, u1, u2, …"]
        },
        {
            "excluded", Edit(c => c.Cohort("canary")["Exclusion"] = new JsonObject { ["Groups"] = Array("press") }),
            ["canary: 1 excluded group added: press"]
        },
        {
            "groups", Edit(c => c.Cohort("canary")["Groups"] = JsonNode.Parse(
                """[ { "Name": "staff", "RolloutPercentage": 50 }, { "Name": "beta", "RolloutPercentage": 10 } ]""")),
            ["canary: group staff 100 % → 50 %", "canary: group beta added, 10 %"]
        },
        {
            "another cohort", Edit(c =>
            {
                c.Rollout["Cohorts"]!["beta"] = new JsonObject { ["DefaultRolloutPercentage"] = 5 };
                Filter(c)["parameters"]!["Name"] = "beta";
            }),
            ["CALENDAR_SERVICE_ENABLED: for cohort canary → cohort beta", "cohort beta: added, 5 %"]
        },
        {
            "no filter", Edit(c => c.Flag("CALENDAR_SERVICE_ENABLED").Remove("conditions")),
            ["CALENDAR_SERVICE_ENABLED: for cohort canary → everybody"]
        },
        {
            "removed", Edit(c => c.Rollout["feature_management"]!["feature_flags"]!.AsArray().RemoveAt(1)),
            ["PUBLISH_SERVICE_ENABLED: removed, so it is off"]
        },
        {
            "a ramp", Edit(c => c.Rollout["Ramps"] = JsonNode.Parse($$"""{ "canary": {{Ramp}} }""")),
            ["ramp canary: added, 1, 5, 25 %"]
        },
        { "route removed", Edit(c => c.Routes.Remove("export")), ["route export: removed"] },
        {
            "route added", Edit(c => c.Routes["archive"] = JsonNode.Parse("""{ "ClusterId": "legacy", "Match": { "Path": "/archive" } }""")),
            ["route archive: added, /archive to legacy"]
        },
        {
            "re-matched", Edit(c => c.Routes["export"]!["Match"] = JsonNode.Parse("""{ "Path": "/export", "Methods": [ "GET", "POST" ] }""")),
            ["route export: path /api/calendar/{calendarId}/export → /export", "route export: methods GET → GET, POST"]
        },
        { "re-ordered", Edit(c => c.Routes["legacy"]!["Order"] = 5), ["route legacy: order unset → 5"] },
        {
            "a header's value", Edit(c => c.Routes["legacy"]!["Match"]!["Headers"] = JsonNode.Parse(
                """[ { "Name": "X-Key", "Values": [ "hunter2" ] } ]""")),
            ["route legacy: header X-Key added"]
        },
        {
            "a transform that sets a secret", Edit(c => c.Routes["legacy"]!["Transforms"] = JsonNode.Parse(
                """[ { "Set": "Bearer hunter2", "RequestHeader": "Authorization" } ]""")),
            ["route legacy: transform RequestHeader Authorization added"]
        },
        { "chain", Edit(c => c.Routes["calendar"]!["Metadata"]!["Flag"] = "PUBLISH_SERVICE_ENABLED"),
            ["route calendar: flag CALENDAR_SERVICE_ENABLED → PUBLISH_SERVICE_ENABLED"] },
        { "another's metadata", Edit(c => c.Routes["calendar"]!["Metadata"]!["Token"] = "hunter2"), ["route calendar: Metadata:Token added"] },
        { "address", Edit(c => Destinations(c)["legacy-1"]!["Address"] = "http://other.test"),
            ["cluster legacy: address http://legacy.test → http://other.test"] },
        {
            "a second destination", Edit(c => Destinations(c)["legacy-2"] = new JsonObject { ["Address"] = "http://second.test" }),
            ["cluster legacy: destination legacy-2 added, http://second.test"]
        },
        {
            "a timeout", Edit(c => c.Clusters["calendar"]!["HttpRequest"] = new JsonObject { ["ActivityTimeout"] = "00:00:10" }),
            ["cluster calendar: HttpRequest:ActivityTimeout unset → 00:00:10"]
        },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void Describe_AnEdit_SaysThatAndNothingElse(string what, Action<object> edit, string[] words)
    {
        using var config = new ConfigDirectory();
        config.Routes["legacy"]!["Metadata"] = new JsonObject { ["Token"] = "hunter1" };
        Destinations(config)["legacy-1"]!["Address"] = "http://legacy.test";
        config.Routes["calendar"]!["Metadata"]!.AsObject().Remove("Token");
        var was = Read(config);
        edit(config);

        var changes = ConfigDifference.Describe(was, Read(config)).Select(change => change.Text).ToArray();

        Assert.True(words.SequenceEqual(changes, StringComparer.Ordinal), $"{what}: {string.Join(" | ", changes)}");
        Assert.DoesNotContain(changes, text => text.Contains("hunter", StringComparison.Ordinal));
    }

    [Fact]
    public void Describe_TheOtherWayAround_NamesWhatLeft()
    {
        using var config = new ConfigDirectory();
        var shipped = Read(config);
        config.Cohort("canary")["Users"] = Array("ada");
        config.Routes["archive"] = JsonNode.Parse("""{ "ClusterId": "legacy", "Match": { "Path": "/archive" } }""");
        Destinations(config)["legacy-2"] = new JsonObject { ["Address"] = "http://second.test" };
        config.Rollout["Cohorts"]!["beta"] = new JsonObject();

        var changes = ConfigDifference.Describe(Read(config), shipped).Select(change => change.Text);

        Assert.Equal(
            [
                "canary: 1 user removed: ada", "cohort beta: removed", "route archive: removed",
                "cluster legacy: destination legacy-2 removed, http://second.test",
            ],
            changes);
    }

    private const string Ramp = """
        {
          "Steps": [ 1, 5, 25 ], "Bake": "00:15:00", "OnRegression": "pause",
          "Gates": { "errors": { "Measure": "server-error", "Against": "control" }, "slow": { "Measure": "slower-than", "Than": "00:00:01", "Against": 0.05 } },
          "Windows": { "TimeZone": "Europe/Berlin", "Weekly": [ "Mon 08:00-16:00" ] }, "Notify": [ "https://hooks.example/hunter2" ]
        }
        """;

    /// <summary>An edit of a ramp, and all that is said of it.</summary>
    public static TheoryData<Action<JsonObject>, string[]> RampEdits { get; } = new()
    {
        { ramp => ramp["Steps"] = new JsonArray("1", 5.0, 2.5e1), [] },
        { ramp => ramp["Steps"] = new JsonArray(1, 5, 50), ["ramp canary: Steps 1, 5, 25 → 1, 5, 50"] },
        { ramp => ramp["Bake"] = "00:00:30", ["ramp canary: Bake 00:15:00 → 00:00:30"] },
        { ramp => ramp.Remove("OnRegression"), ["ramp canary: OnRegression pause → unset"] },
        { ramp => ramp["Gates"]!["errors"]!["Margin"] = 0.02, ["ramp canary: gate errors Margin unset → 0.02"] },
        {
            ramp => ramp["Gates"] = JsonNode.Parse("""{ "errors": { "Measure": "server-error", "Against": "control" } }"""),
            ["ramp canary: gate slow removed"]
        },
        {
            ramp => ramp["Gates"]!["publish"] = JsonNode.Parse("""{ "Measure": "publish-failed", "Against": 0.05 }"""),
            ["ramp canary: gate publish added, publish-failed against 0.05"]
        },
        {
            ramp => ramp["Windows"]!["Weekly"] = new JsonArray("Mon 08:00-16:00", "Sat 10:00-12:00"),
            ["ramp canary: Windows:Weekly Mon 08:00-16:00 → Mon 08:00-16:00, Sat 10:00-12:00"]
        },
        {
            ramp => ramp["Notify"] = new JsonArray("https://hooks.example/hunter3", "https://ada:hunter2@other.example/x"),
            [
                "ramp canary: 2 receivers added: https://hooks.example/…, https://other.example/…",
                "ramp canary: 1 receiver removed: https://hooks.example/…",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(RampEdits))]
    public void Describe_AnEditOfARamp_SaysThatAndNoSecret(Action<JsonObject> edit, string[] words)
    {
        using var config = new ConfigDirectory();
        config.Rollout["Ramps"] = JsonNode.Parse($$"""{ "canary": {{Ramp}} }""");
        var was = Read(config);
        edit(config.Rollout["Ramps"]!["canary"]!.AsObject());

        Assert.Equal(words, ConfigDifference.Describe(was, Read(config)).Select(change => change.Text));
        config.Rollout.Remove("Ramps");
        Assert.Equal(["ramp canary: removed"], ConfigDifference.Describe(was, Read(config)).Select(change => change.Text));
    }

    private static ConfigSide Read(ConfigDirectory config)
    {
        var rollout = Encoding.UTF8.GetBytes(config.Rollout.ToJsonString());
        var file = RolloutFile.Read(rollout, name => name == "PUBLISH_SERVICE_ENABLED" ? "true" : null, "Production", []);
        var flags = config.Routes.Select(route => (string?)route.Value!["Metadata"]?["Flag"]).OfType<string>()
            .Where(name => !file!.Flags.ContainsKey(name)).Distinct().Select(name => Flag.Absent(name, "true"));
        return new(
            Encoding.UTF8.GetBytes(config.Gateway.ToJsonString()), rollout,
            file!.Flags.Values.Concat(flags).ToDictionary(flag => flag.Name, StringComparer.Ordinal));
    }

    private static Action<object> Edit(Action<ConfigDirectory> edit) => config => edit((ConfigDirectory)config);

    private static JsonArray Array(params string[] texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static JsonNode Filter(ConfigDirectory config) =>
        config.Flag("CALENDAR_SERVICE_ENABLED")["conditions"]!["client_filters"]![0]!;

    private static JsonObject Destinations(ConfigDirectory config) => config.Clusters["legacy"]!["Destinations"]!.AsObject();
}
