using System.Text.Json;
using System.Text.Json.Nodes;
using static Gateway.Tests.CommandLine.CommandRun;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: <c>gateway check</c>.</summary>
public sealed class CheckCommandTests
{
    /// <summary>As compilers print it: a terminal and an editor lead there.</summary>
    [Fact]
    public async Task Findings_OfBothFiles_BeginWithFileLineAndColumn()
    {
        using var config = new ConfigDirectory();
        config.Save();
        config.Write("gateway.json", config.Gateway.ToJsonString()[..^1]);
        config.Write("rollout.json", """
            {
              "Cohorts": {
            	"canary": { "DefaultRolloutPercentage": 120, "Users": [ " alice" ] },
            	"beta": { "Usrs": [] }
              }
            }
            """);

        var (code, output) = await RunAsync("check", config.Path + "/");

        Assert.Equal(1, code);
        var lines = output.Split('\n');
        Assert.StartsWith($"{config.Path}/gateway.json:1:", lines[0], StringComparison.Ordinal);
        Assert.Contains(": error: \"the end\", expected valid JSON (what opens in line 1 is not closed)", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                $"{config.Path}/rollout.json:3:42: error: Cohorts:canary:DefaultRolloutPercentage: \"120\", expected a number from 0 to 100",
                $"{config.Path}/rollout.json:3:58: warning: Cohorts:canary:Users:0: \" alice\", expected \"alice\", as which it is read: "
                    + "blanks around a name are no part of it",
                $"{config.Path}/rollout.json:4:12: error: Cohorts:beta:Usrs: \"[…]\", expected no such key; known here: Users, Groups, "
                    + "DefaultRolloutPercentage, Exclusion, Environments; did you mean \"Users\"?",
                $"{config.Path}: refused", "",
            ],
            lines[1..]);
    }

    [Fact]
    public async Task Json_HasEachPartOfAFindingUnderItsName()
    {
        using var config = new ConfigDirectory();
        config.Flag(GatewaySetup.CalendarFlag)["conditions"]!["client_filters"]![0]!["parameters"]!["Name"] = "canry";

        var (code, output) = await RunAsync("check", config.Save().Path, "--json");

        Assert.Equal(1, code);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(config.Path, report.GetProperty("folder").GetString());
        var finding = Assert.Single(report.GetProperty("findings").EnumerateArray());
        Assert.Equal("""
            {"file":"rollout.json","path":"feature_management:feature_flags:0:conditions:client_filters:0:parameters:Name","value":"canry","expected":"one of the Cohorts: canary","severity":"error","line":1,"column":0,"suggestion":"canary"}
            """.Trim(), Compact(finding));
    }

    [Theory]
    [InlineData("/no/such/folder", "there is no such folder")]
    [InlineData("{0}/rollout.json", "this is a file of {0}")]
    [InlineData("{0}/empty", "it is empty")]
    public async Task Folder_ThatIsNone_IsToldInOneSentence(string folder, string why)
    {
        using var config = new ConfigDirectory();
        Directory.CreateDirectory(config.Save().File("empty"));

        var (code, output) = await RunAsync("check", folder.Replace("{0}", config.Path, StringComparison.Ordinal));

        Assert.Equal(1, code);
        Assert.Equal(3, output.Split('\n').Length); // The sentence, the verdict, the end.
        Assert.Contains(
            $"expected a folder with gateway.json and rollout.json: {why.Replace("{0}", config.Path, StringComparison.Ordinal)}\n", output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_WithAnEmptyName_IsNotTheDefaultOne() => Assert.NotEqual(0, (await RunAsync("check", "")).Code);

    /// <summary>Each is valid, and none of it is what somebody meant.</summary>
    [Fact]
    public async Task Names_ThatTheOtherFileDoesNotKnow_AreWarningsWithPlaceAndSuggestion()
    {
        using var config = new ConfigDirectory();
        config.Routes["publish"]!["Metadata"]!["Flag"] = "PUBLISH_SERVICE_ENABLD";
        config.Routes["export"]!["Metadata"]!["Flag"] = "PUBLISH_SERVICE_ENABLD";
        config.Rollout["Cohorts"]!["beta"] = new JsonObject();

        var (code, output) = await RunAsync("check", config.Save().Path);

        Assert.Equal(0, code);
        Assert.Matches(
            "gateway.json:1:[0-9]+: warning: ReverseProxy:Routes:publish:Metadata:Flag: .* did you mean \"PUBLISH_SERVICE_ENABLED\"\\?", output);
        Assert.Matches(
            "rollout.json:1:[0-9]+: warning: feature_management:feature_flags:1:id: .* did you mean \"PUBLISH_SERVICE_ENABLD\"\\?", output);
        Assert.Matches("rollout.json:1:[0-9]+: warning: Cohorts:beta: \"beta\", expected a cohort that a filter of a flag names", output);
    }

    private static string Compact(JsonElement finding)
    {
        var copy = JsonNode.Parse(finding.GetRawText())!.AsObject();
        copy["column"] = 0; // Of a file in one line; ConfigJsonTests counts.
        return copy.ToJsonString();
    }
}
