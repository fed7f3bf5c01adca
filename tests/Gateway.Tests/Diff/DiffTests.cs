using System.Text.Json;
using System.Text.Json.Nodes;
using static Gateway.Tests.CommandLine.CommandRun;

namespace Gateway.Tests.Diff;

/// <summary>Holds docs/contract.md section 9: who moves between two folders, and what else changes.</summary>
public sealed class DiffTests : IDisposable
{
    private readonly ConfigDirectory _before = new();
    private readonly ConfigDirectory _after = new();

    public DiffTests()
    {
        foreach (var config in (ConfigDirectory[])[_before, _after])
        {
            config.Flag(GatewaySetup.CalendarFlag)["enabled"] = true;
            config.Cohort("canary")["Users"] = new JsonArray("ada");
            foreach (var (id, cluster) in config.Clusters)
                cluster!["Destinations"]![$"{id}-1"]!["Address"] = $"http://{id}.test";
        }
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    /// <summary>An edit; the route before and after, then user, from and to: what has to be found, and nothing else.</summary>
    public static TheoryData<string, Action<object>, string[]> Edits { get; } = new()
    {
        { "nothing", Edit(_ => { }), [] },
        { "a comment", Edit(c => c.Rollout["feature_management"]!["feature_flags"]![0]!["description"] = "x"), [] },
        { "removed", Edit(c => c.Routes.Remove("export")), ["export>calendar ada dry-run>calendar", "export>calendar bob dry-run>legacy"] },
        {
            "added", Edit(c => c.Routes["archive"] = JsonNode.Parse(
                """{ "ClusterId": "calendar", "Match": { "Path": "/archive/{id:int}", "Methods": [ "GET" ] } }""")),
            ["legacy>archive ada legacy>calendar", "legacy>archive bob legacy>calendar"]
        },
        {
            "another path", Edit(c => c.Routes["publish"]!["Match"]!["Path"] = "/api/v2/publish/{**rest}"),
            [
                "legacy>publish ada legacy>dry-run", "legacy>publish bob legacy>dry-run",
                "publish>legacy ada dry-run>legacy", "publish>legacy bob dry-run>legacy",
            ]
        },
        {
            "other methods", Edit(c => c.Routes["publish"]!["Match"]!["Methods"] = new JsonArray("POST")),
            ["publish>legacy ada dry-run>legacy", "publish>legacy bob dry-run>legacy"]
        },
        {
            "a host", Edit(c => c.Routes["publish"]!["Match"]!["Hosts"] = new JsonArray("shop.example")),
            ["publish>legacy ada dry-run>legacy", "publish>legacy bob dry-run>legacy"]
        },
        {
            "a header", Edit(c => c.Routes["publish"]!["Match"]!["Headers"] = JsonNode.Parse("""[ { "Name": "X-T", "Values": [ "a" ] } ]""")),
            ["publish>legacy ada dry-run>legacy", "publish>legacy bob dry-run>legacy"]
        },
        {
            "a query", Edit(c => c.Routes["publish"]!["Match"]!["QueryParameters"] = JsonNode.Parse("""[ { "Name": "t", "Mode": "Exists" } ]""")),
            ["publish>legacy ada dry-run>legacy", "publish>legacy bob dry-run>legacy"]
        },
        {
            "a constraint", Edit(c => c.Routes["export"]!["Match"]!["Path"] = "/api/calendar/{calendarId:int}/export"),
            ["export>calendar ada dry-run>calendar", "export>calendar bob dry-run>legacy"]
        },
        {
            "an order", Edit(c => c.Routes["calendar"]!["Order"] = -1),
            [
                "export>calendar ada dry-run>calendar", "export>calendar bob dry-run>legacy",
                "generate>calendar ada calendar>calendar", "generate>calendar bob legacy>legacy",
            ]
        },
        { "an address", Edit(c => c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = "http://other.test"),
            ["calendar>calendar bob legacy>legacy", "generate>generate bob legacy>legacy", "legacy>legacy ada legacy>legacy",
                "legacy>legacy bob legacy>legacy"] },
        {
            "a destination", Edit(c => c.Clusters["calendar"]!["Destinations"]!["c-2"] = new JsonObject { ["Address"] = "http://second.test" }),
            ["calendar>calendar ada calendar>calendar", "generate>generate ada calendar>calendar"]
        },
        { "the chain", Edit(c => c.Routes["calendar"]!["ClusterId"] = "legacy", c => c.Routes["calendar"]!["Metadata"]!["Fallback"] = "calendar"),
            ["calendar>calendar ada calendar>legacy", "calendar>calendar bob legacy>calendar"] },
        { "no flag", Edit(c => c.Routes["export"]!["Metadata"]!.AsObject().Remove("Flag")),
            ["export>export ada dry-run>calendar", "export>export bob dry-run>calendar"] },
        { "a flag", Edit(c => c.Flag(GatewaySetup.CalendarFlag)["enabled"] = false),
            ["calendar>calendar ada calendar>legacy", "generate>generate ada calendar>legacy"] },
        { "excluded", Edit(c => c.Cohort("canary")["Exclusion"] = JsonNode.Parse("""{ "Users": [ "ada" ] }""")),
            ["calendar>calendar ada calendar>legacy", "generate>generate ada calendar>legacy"] },
        { "everybody", Edit(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 100),
            ["calendar>calendar bob legacy>calendar", "generate>generate bob legacy>calendar"] },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task Diff_AnEdit_SaysWhoMovesAndNobodyElse(string what, Action<object> edit, string[] found)
    {
        edit(_after);

        var report = await DiffAsync("ada\nbob\n");

        var moves = report.GetProperty("routes").EnumerateArray().SelectMany(route => route.GetProperty("moves").EnumerateArray()
            .SelectMany(move => move.GetProperty("users").EnumerateArray().Select(user =>
                $"{Text(route, "before")}>{Text(route, "after")} {user} {Text(move, "from")}>{Text(move, "to")}")));
        Assert.Equal(found.Order(StringComparer.Ordinal), moves.Order(StringComparer.Ordinal));
        Assert.Equal(
            found.Where(f => !IsStay(f)).Select(f => f.Split(' ')[1]).Distinct().Count(), report.GetProperty("moving").GetInt32());
        Assert.True(found.Length == 0 || report.GetProperty("changes").GetArrayLength() > 0, what);
    }

    [Fact]
    public async Task Diff_OfManyUsers_PrintsTwentyARouteAndWithAllEveryOne()
    {
        _after.Cohort("canary")["DefaultRolloutPercentage"] = 100;
        var users = string.Concat(Enumerable.Range(0, 100).Select(i => $"user-{i}\n"));

        var (few, every) = (await PrintAsync(users), await PrintAsync(users, "--all"));

        Assert.Equal((40, 200), (few.Count(IsMove), every.Count(IsMove)));
        Assert.Equal(2, few.Count(line => line == "  … and 80 more; --all prints them"));
        foreach (var lines in (string[][])[few, every])
        {
            Assert.Contains("calendar (GET /api/calendar/1 and 39 like it): 100 of 100 users move", lines);
            Assert.Contains("  requests of nobody move from legacy (outside-cohort) to calendar (in-cohort)", lines);
            Assert.Equal("100 of 100 users move", lines[^1]);
            Assert.Contains("  canary 0 % → 100 %", lines);
            Assert.Contains("every flag's key in the environment is on", lines[0], StringComparison.Ordinal);
        }

        static bool IsMove(string line) => line.StartsWith("  user-", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_WithoutUsers_SaysShares()
    {
        _after.Cohort("canary")["DefaultRolloutPercentage"] = 30;
        _after.Cohort("canary")["Groups"] = JsonNode.Parse("""[ { "Name": "staff", "RolloutPercentage": 30 } ]""");
        _after.Cohort("canary")["Users"] = new JsonArray();

        var (code, output) = await RunAsync("diff", _before.Save().Path, _after.Save().Path, "--json");

        Assert.Equal(0, code);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1, 1), (report.GetProperty("users").GetInt32(), report.GetProperty("moving").GetInt32()));
        var shares = report.GetProperty("shares").EnumerateArray().ToArray();
        Assert.Equal([null, "staff"], shares.Select(s => Text(s, "group")));
        Assert.InRange(shares[0].GetProperty("percentage").GetDouble(), 28, 32);
        Assert.InRange(shares[1].GetProperty("percentage").GetDouble(), 64, 76); // Of the group all were in.
        Assert.False(report.GetProperty("anonymousMoves").GetBoolean());
    }

    [Fact]
    public async Task Diff_WhatCannotBeRead_IsSaidAllAtOnce()
    {
        _after.Cohort("canary")["DefaultRolloutPercentage"] = 101;
        var missing = _before.File("nobody.txt");

        var (code, output) = await RunAsync("diff", "/no/such/folder", _after.Save().Path, "--users", missing, "--json");

        Assert.Equal(1, code);
        foreach (var file in (string[])["/no/such/folder", _after.File("rollout.json"), missing])
            Assert.Contains($"\"file\": \"{file}\"", output, StringComparison.Ordinal);
    }

    private async Task<JsonElement> DiffAsync(string users)
    {
        File.WriteAllText(_before.File("users.txt"), users);
        var (code, output) = await RunAsync(
            "diff", _before.Save().Path, _after.Save().Path, "--users", _before.File("users.txt"), "--json");
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output).RootElement;
    }

    private async Task<string[]> PrintAsync(string users, params string[] options)
    {
        File.WriteAllText(_before.File("users.txt"), users);
        var (code, output) = await RunAsync(
            ["diff", _before.Save().Path, _after.Save().Path, "--users", _before.File("users.txt"), .. options]);
        Assert.True(code == 0, output);
        return output.TrimEnd('\n').Split('\n');
    }

    private static bool IsStay(string found) => found.Split(' ')[2].Split('>') is [var from, var to] && from == to;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static Action<object> Edit(params Action<ConfigDirectory>[] edits) => config =>
    {
        foreach (var edit in edits)
            edit((ConfigDirectory)config);
    };
}
