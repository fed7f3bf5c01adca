using System.Text.Json.Nodes;
using Harness.Fixtures;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 10: <c>gateway rollout</c>, on a folder.</summary>
public sealed class RolloutCommandTests : IDisposable
{
    private readonly ConfigDirectory _config = new();

    public RolloutCommandTests()
    {
        _config.Rollout["Ramps"] = JsonNode.Parse(
            """
            {"canary":{"Steps":[5,100],"Bake":"00:01:00","Gates":{
              "errors":{"Measure":"server-error","Against":"control"},
              "publish":{"Measure":"publish-failed","Against":0.05,"Decides":false}}}}
            """);
        _config.Switch(on: true).Save();
    }

    public void Dispose() => _config.Dispose();

    [Fact]
    public async Task Start_SaysWhoMoves_AndHowToUndoIt_AndStatusShowsIt()
    {
        var start = await RunAsync("start", "--reason", "first try", "--yes");
        Assert.True(start.Code == 0, start.Errors);
        Assert.Contains("canary 0 % → 5 %", start.Output);
        Assert.Contains("of users move", start.Output);
        Assert.Contains("canary: start, 0 % → 5 %, revision ", start.Output);
        Assert.Contains("To undo it: gateway rollout undo ", start.Output);

        var status = await RunAsync("status");
        Assert.Contains("canary: 5 % of users, next step 100 %, running, collecting", status.Output);
        Assert.Contains("publish (shown only)", status.Output);
        Assert.Contains("limit 5 %", status.Output);
        Assert.Contains("canary start 0 % → 5 % by ", status.Output);
        Assert.Contains(": first try [", status.Output);

        var json = JsonNode.Parse((await RunAsync("status", "--json")).Output)!;
        Assert.Equal((5, "running"), ((double)json["ramps"]![0]!["percentage"]!, (string)json["ramps"]![0]!["phase"]!));
    }

    [Fact]
    public async Task Undo_IsTypedAsItWasPrinted()
    {
        var set = JsonNode.Parse((await RunAsync("set", "canary", "12.5", "--reason", "x", "--yes", "--json")).Output)!;
        var typed = ((string)set["undo"]!).Split(' ');

        var undo = await RunAsync([.. typed[2..4], "--reason", "back", "--yes"]);

        Assert.True(undo.Code == 0, undo.Errors);
        Assert.Contains("12.5 % → 0 %", undo.Output);
    }

    [Theory]
    [InlineData(2, "gateway rollout: A word is missing")]
    [InlineData(2, "gateway rollout: \"stat\" is no command", "stat")]
    [InlineData(1, "it was not confirmed", "start", "--reason", "x")]
    [InlineData(1, "start moves users: it takes a reason.", "start", "--yes")]
    [InlineData(1, "There is no cohort nobody", "start", "nobody", "--reason", "x", "--yes")]
    [InlineData(1, "it cannot resume; start begins it.", "resume", "--reason", "x", "--yes")]
    [InlineData(1, "and not of 000000000000", "start", "--reason", "x", "--yes", "--expected-revision", "000000000000")]
    [InlineData(2, "is no option", "start", "--resaon", "x")]
    public async Task WhatCannotBeMeant_OrDone_IsSaid_AndChangesNothing(int code, string message, params string[] words)
    {
        var before = await File.ReadAllTextAsync(_config.File(ConfigDirectory.RolloutFile));

        var run = words.Length == 0 || words[0] == "stat"
            ? await CommandRun.WholeAsync(["rollout", .. words]) : await RunAsync(words);

        Assert.Equal(code, run.Code);
        Assert.Contains(message, run.Errors);
        Assert.Equal(before, await File.ReadAllTextAsync(_config.File(ConfigDirectory.RolloutFile)));
    }

    [Fact]
    public async Task Acting_ThroughARunningGateway_DoesTheSame()
    {
        const string Key = "0123456789abcdef0123456789abcdef";
        await using var gateway = await new GatewaySetup().Option("Admin:Key", Key).Edit(config =>
            config.Rollout["Ramps"] = _config.Rollout["Ramps"]!.DeepClone()).StartAsync();
        var keyFile = _config.File("key");
        await File.WriteAllTextAsync(keyFile, Key + "\n");
        string[] remote = ["--admin", gateway.AdminAddress.ToString(), "--key-file", keyFile];

        var set = await CommandRun.WholeAsync(["rollout", "set", "canary", "7", "--reason", "x", "--yes", .. remote]);
        Assert.True(set.Code == 0, set.Errors);
        Assert.Contains("0 % → 7 %; 7 of 100 users move", set.Output);
        Assert.Contains("canary: set, 0 % → 7 %", set.Output);

        var status = await CommandRun.WholeAsync(["rollout", "status", .. remote]);
        Assert.Contains("canary: 7 % of users", status.Output);

        await File.WriteAllTextAsync(keyFile, "another key that is long enough!");
        var refused = await CommandRun.WholeAsync(["rollout", "set", "canary", "8", "--reason", "x", "--yes", .. remote]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("Authorization: Bearer and the key of Admin:Key.", refused.Errors);
    }

    private Task<CommandRun> RunAsync(params string[] words) => CommandRun.WholeAsync(["rollout", .. words, "--config", _config.Path]);
}
