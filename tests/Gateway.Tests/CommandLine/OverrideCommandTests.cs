using System.Text.Json;
using Gateway.Rollout.Overrides;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: <c>gateway override</c>.</summary>
public sealed class OverrideCommandTests
{
    private const string Flag = "CALENDAR_SERVICE_ENABLED";

    [Fact]
    public async Task Override_WithAKey_WritesAHeaderThatIsGoodForSoLong()
    {
        var key = new byte[32];

        var run = await GatewayProcess.RunAsync(
            ["override", "--flag", Flag, "--off", "--for", "2h", "--user", "zoë", "--json"],
            ("Rollout__OverrideKey", Convert.ToBase64String(key)));

        Assert.True(run.ExitCode == 0, run.Error);
        var json = JsonDocument.Parse(run.Output).RootElement;
        var header = json.GetProperty("header").GetString()!;
        Assert.StartsWith("X-Rollout-Override: ", header, StringComparison.Ordinal);
        var (token, signature) = OverrideToken.Parse(header["X-Rollout-Override: ".Length..])!.Value;
        Assert.True(token.IsSignedWith(key, signature));
        Assert.Equal((Flag, false, "zoë"), (token.Flag, token.On, token.User));
        var left = DateTimeOffset.FromUnixTimeSeconds(token.Expires) - TimeProvider.System.GetUtcNow();
        Assert.InRange(left, TimeSpan.FromHours(1.9), TimeSpan.FromHours(2));
        Assert.Equal(token.Expires, json.GetProperty("expires").GetDateTimeOffset().ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Override_WithoutAKey_SaysWhichSettingIsMissing()
    {
        var run = await CommandRun.WholeAsync(["override", "--flag", Flag, "--for", "2h"]);

        Assert.Equal(1, run.Code);
        Assert.Contains("Rollout:OverrideKey is not set", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--flag", Flag)]
    [InlineData("--for", "2h")]
    [InlineData("--flag", Flag, "--for", "25h")]
    [InlineData("--flag", Flag, "--for", "0s")]
    [InlineData("--flag", Flag, "--for", "2")]
    [InlineData("--flag", Flag, "--for", "-2h")]
    [InlineData("--flag", Flag, "--for", "99999999999h")]
    [InlineData("--flag", "A B", "--for", "2h")]
    [InlineData("--flag", Flag, "--for", "2h", "--user", "a,b")]
    public async Task Override_ThatCannotBeMeant_IsWrongUsage(params string[] words) =>
        Assert.Equal(2, (await CommandRun.WholeAsync(["override", .. words])).Code);
}
