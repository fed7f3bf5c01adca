using CalendarService.Channels;
using Harness;
using Microsoft.Extensions.Configuration;

namespace CalendarService.Tests.Channels;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class ChannelAuthTests
{
    private const string Token = "a-good-enough-token";

    public static TheoryData<string?, string?, string?> Credentials => new()
    {
        { Token, null, null },
        { Token, "", null },
        { Token, "2999-01-01T00:00:00Z", null },
        { Token, "2999-01-01T00:00:00.123+05:45", null },
        { null, null, "Missing" },
        { "", null, "Missing" },
        { null, "2020-01-01T00:00:00Z", "Missing" },
        { Token, "2020-01-01T00:00:00Z", "Expired" },
        { "short", null, "Invalid" },
        { "with space in it", null, "Invalid" },
        { Token + "\n", null, "Invalid" },
        { "with\u0007control", null, "Invalid" },
        { "short", "2020-01-01T00:00:00Z", "Invalid" },
    };

    [Theory]
    [MemberData(nameof(Credentials))]
    public void Credential_IsJudged(string? token, string? expiresAt, string? reason)
    {
        using var channels = ChannelsUnderTest.With(new()
        {
            ["Channels:x:AccessToken"] = token, ["Channels:x:ExpiresAt"] = expiresAt,
        });

        Assert.Empty(channels.StartFaults());
        Assert.Equal(reason, channels.Registry.CheckAuth(["x"]).SingleOrDefault()?.Reason.ToString());
        var status = channels.Registry.Statuses().Single(s => s.Channel == "x");
        Assert.Equal(reason is null, status.Configured);
        Assert.Equal(reason is null, status.Problem is null);
    }

    [Fact]
    public void Faults_AreOfTheChannelsAskedFor_EachOnce()
    {
        using var channels = ChannelsUnderTest.With(new() { ["Channels:x:AccessToken"] = Token });

        Assert.Equal(
            [new("tiktok", ChannelAuthProblem.Missing), new("bluesky", ChannelAuthProblem.Missing)],
            channels.Registry.CheckAuth(["tiktok", "x", "bluesky", "tiktok"]));
    }

    [Theory]
    [InlineData("2026-11-21")]
    [InlineData("2026-11-21T12:00:00")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("tomorrow")]
    public void ExpiresAt_ThatIsNotRfc3339_StopsTheStartWithKeyValueAndRange(string value)
    {
        using var channels = ChannelsUnderTest.With(new()
        {
            ["Channels:x:AccessToken"] = Token, ["Channels:x:ExpiresAt"] = value,
        });

        Assert.Equal(
            $"Channels:x:ExpiresAt: \"{value}\", expected a date and time with offset (RFC 3339), such as 2027-01-31T00:00:00Z",
            Assert.Single(channels.StartFaults()));
    }

    [Fact]
    public void Faults_AtStart_AreToldAllAtOnceWithoutASecret()
    {
        using var channels = ChannelsUnderTest.With(new()
        {
            ["Channels:myspace:AccessToken"] = Token,
            ["Channels:x:AcessToken"] = Token,
            ["Channels:x:ExpiresAt"] = "never",
            ["Channels:bluesky"] = Token,
        });

        var faults = channels.StartFaults().ToList();

        Assert.Equal(4, faults.Count);
        Assert.Contains("Channels:bluesky: \"(not shown)\", expected an object with AccessToken and, optionally, ExpiresAt", faults);
        Assert.Contains(
            faults, f => f.StartsWith("Channels:myspace: no such channel, expected one of instagram, ", StringComparison.Ordinal));
        Assert.Contains("Channels:x:AcessToken: no such setting, expected AccessToken, ExpiresAt, " + ChannelLimit.Names, faults);
        Assert.All(faults, f => Assert.DoesNotContain(Token, f, StringComparison.Ordinal));
    }

    [Fact]
    public void Status_OfEveryChannel_ShowsNoSecret()
    {
        using var channels = ChannelsUnderTest.With(new()
        {
            ["Channels:x:AccessToken"] = "tok\u0007en-with-control",
            ["Channels:bluesky:AccessToken"] = Token,
            ["Channels:bluesky:ExpiresAt"] = "2020-01-01T00:00:00Z",
        });

        var statuses = channels.Registry.Statuses();

        Assert.Equal(channels.Registry.Known, statuses.Select(s => s.Channel));
        Assert.All(statuses, s => Assert.DoesNotContain("tok\u0007", $"{s}", StringComparison.Ordinal));
        Assert.All(statuses, s => Assert.DoesNotContain(Token, $"{s}", StringComparison.Ordinal));
        Assert.DoesNotContain(Token, $"{new ChannelCredential(Token, null, null)}", StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_SetsAToken_InAnyCase_AndAnEmptyOneRemovesIt()
    {
        const string Prefix = "CHANNEL_AUTH_TESTS_";
        Environment.SetEnvironmentVariable($"{Prefix}Channels__BlueSky__AccessToken", Token);
        Environment.SetEnvironmentVariable($"{Prefix}Channels__x__AccessToken", "");
        using var channels = ChannelsUnderTest.From(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Channels:x:AccessToken", Token)])
            .AddEnvironmentVariables(Prefix));

        Assert.Equal([new("x", ChannelAuthProblem.Missing)], channels.Registry.CheckAuth(["x", "bluesky"]));
    }

    [Fact]
    public async Task Token_MendedInTheFile_CountsWithoutARestart()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "appsettings.json");
        await File.WriteAllTextAsync(file, "{}");
        using var channels = ChannelsUnderTest.From(new ConfigurationBuilder().AddJsonFile(file, optional: false, reloadOnChange: true));
        Assert.NotEmpty(channels.Registry.CheckAuth(["x"]));

        await File.WriteAllTextAsync(file, "{\"Channels\":{\"x\":{\"AccessToken\":\"" + Token + "\"}}}");

        await Eventually.TrueAsync("the token counts", () => channels.Registry.CheckAuth(["x"]).Count == 0);
    }

    [Fact]
    public void Reload_WithAFault_IsLoggedAndCostsOnlyItsOwnChannel()
    {
        using var channels = ChannelsUnderTest.With(new()
        {
            ["Channels:x:AccessToken"] = Token, ["Channels:bluesky:AccessToken"] = Token,
        });
        Assert.Empty(channels.Registry.CheckAuth(["x", "bluesky"]));

        channels.Configuration["Channels:x:ExpiresAt"] = "never";
        channels.Configuration["Channels:myspace:AccessToken"] = Token;
        channels.Configuration.Reload();

        Assert.Equal([new("x", ChannelAuthProblem.Invalid)], channels.Registry.CheckAuth(["x", "bluesky"]));
        Assert.Contains(channels.Log.All, l => l.Contains("Channels:x:ExpiresAt: \"never\"", StringComparison.Ordinal));
        Assert.Contains(channels.Log.All, l => l.Contains("Channels:myspace", StringComparison.Ordinal));
    }

    [Fact]
    public void ShippedSettings_StartAndLeaveOnlyTiktokWithoutAToken()
    {
        using var channels = ChannelsUnderTest.From(new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false));

        Assert.Empty(channels.StartFaults());
        Assert.Equal(["tiktok"], channels.Registry.Statuses().Where(s => !s.Configured).Select(s => s.Channel));
    }
}
