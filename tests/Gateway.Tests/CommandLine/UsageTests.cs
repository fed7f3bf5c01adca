using System.Text.Json;
using Gateway.CommandLine;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: what is typed wrong starts nothing and exits 2.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("chekc", "did you mean \"check\"?")]
    [InlineData("Check", "did you mean \"check\"?")]
    [InlineData("helthcheck --url http://127.0.0.1:1", "did you mean \"healthcheck\"?")]
    [InlineData("chekc --help", "did you mean \"check\"?")]
    [InlineData("help chekc", "did you mean \"check\"?")]
    [InlineData("version", "did you mean \"--version\"?")]
    [InlineData("start", "there is check, ")]
    [InlineData("", "\"\" is no command")]
    [InlineData("@file", "\"@file\" is no command")]
    [InlineData("[suggest] check", "\"[suggest]\" is no command")]
    [InlineData("logs", "A word is missing: check")]
    [InlineData("logs chekc", "did you mean \"check\"?")]
    [InlineData("--version check", "\"--version\" is no option")]
    [InlineData("check --jsno", "did you mean \"--json\"?")]
    [InlineData("check --config", "\"--config\" is no option")]
    [InlineData("check -x", "\"-x\" is no option")]
    [InlineData("check a b c", "'b'")]
    [InlineData("check --json=maybe", "--json takes no value")]
    [InlineData("healthcheck now", "'now'")]
    [InlineData("healthcheck --url", "--url")]
    [InlineData("logs check a b", "'b'")]
    [InlineData("logs check --wohle", "did you mean \"--whole\"?")]
    [InlineData("diff", "OLD")]
    [InlineData("smoke", "--user")]
    [InlineData("smoke --user --jsno", "did you mean \"--json\"?")]
    [InlineData("smoke --user a --user b", "--user")]
    [InlineData("explain", "A path is missing")]
    [InlineData("explain GET", "A path is missing after GET")]
    [InlineData("explain api/calendar", "\"api/calendar\" is no path")]
    [InlineData("explain GET api", "\"api\" is no path")]
    [InlineData("explain --path api", "\"api\" is no path")]
    [InlineData("explain https://shop.example:8443/a?b=c", "gateway explain GET \"/a?b=c\" --host shop.example:8443")]
    [InlineData("explain GET http://shop.example/a", "--host shop.example")]
    [InlineData("explain /a /b", "two paths")]
    [InlineData("explain /a GET", "The method comes first")]
    [InlineData("explain GET /a --method POST", "given twice")]
    [InlineData("explain /a --path /b", "given twice")]
    [InlineData("explain GET /a /b", "'/b'")]
    [InlineData("explain G,T /a", "\"G,T\" is no method")]
    [InlineData("explain /a --header X-Tenant", "--header takes a line")]
    [InlineData("explain /a --admin http://127.0.0.1:1 --offline", "--admin asks a running gateway")]
    [InlineData("explain /a --admin http://127.0.0.1:1 --config x", "--admin asks a running gateway")]
    [InlineData("explain /a --usr ada", "did you mean \"--user\"?")]
    public async Task Command_TypedWrong_IsOneSentenceOnStandardErrorAndExits2(string line, string said)
    {
        var args = line.Split(' ');
        Assert.True(GatewayCommand.Handles(args));

        var run = await CommandRun.WholeAsync(args);
        var asJson = await CommandRun.WholeAsync([.. args, "--json"]);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(said, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd().Split('\n'));
        Assert.Contains("--help\" says", run.Errors, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(asJson.Output);
        Assert.Equal(
            (2, "usage", 2),
            (asJson.Code, document.RootElement.GetProperty("problem").GetProperty("code").GetString(),
                document.RootElement.GetProperty("exitCode").GetInt32()));
    }

    [Theory]
    [InlineData("help", "Commands:")]
    [InlineData("--help", "Commands:")]
    [InlineData("-h", "Commands:")]
    [InlineData("-?", "Commands:")]
    [InlineData("help check", "gateway check [<DIR>]")]
    [InlineData("check --help", "gateway check [<DIR>]")]
    [InlineData("help logs check", "gateway logs check [<FILE>]")]
    [InlineData("smoke -h", "--user")]
    [InlineData("--version", "1.")]
    public async Task Question_AboutTheProgram_IsAnsweredOnStandardOutput(string line, string said)
    {
        Assert.True(GatewayCommand.Handles(line.Split(' ')));

        var run = await CommandRun.WholeAsync(line.Split(' '));

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Contains(said, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--urls", "http://127.0.0.1:7000")]
    [InlineData("--Kestrel:Endpoints:Public:Url=http://*:7000")]
    [InlineData("/Limits:Connections=5")]
    [InlineData("Limits:Connections=5")]
    [InlineData("--verison")]
    [InlineData("-k=v")]
    public void Settings_AndWhatLooksLikeThem_AreTheStartsToJudge(params string[] args) => Assert.False(GatewayCommand.Handles(args));
}
