using System.Text.RegularExpressions;

namespace SystemTests.Fixtures;

/// <summary>
/// The tests' copy of the configuration is the one that ships, whatever an operator has made of <c>config/</c> since: edits that are not
/// committed are not looked at, and neither are the lines that the README and the runbook tell people to edit.
/// </summary>
public sealed partial class ShippedConfigTests
{
    [Theory]
    [InlineData(ConfigDirectory.GatewayFile)]
    [InlineData(ConfigDirectory.RolloutFile)]
    public async Task Fixture_BesideTheCommittedFile_IsTheSame(string name)
    {
        await using var git = ProgramProcess.Start("git", ["show", $"HEAD:config/{name}"]);
        if (await git.ExitAsync() != 0)
            return; // No git, or a folder of somebody's own: then there is nothing to compare with.

        Assert.True(
            Fixed(git.Output).SequenceEqual(Fixed(ConfigDirectory.Shipped(name).TrimEnd('\n').Split('\n'))),
            $"config/{name} is committed with other words than tests/Harness/Fixtures/{name}. If it is to ship so, copy it there; if it is "
            + "your own, keep it in a folder of your own (GATEWAY_CONFIG_DIR).");
    }

    [Fact]
    public void Fixture_Addresses_AreTheTwoThatTestsPutTheirsInPlaceOf()
    {
        var addresses = Address().Matches(ConfigDirectory.Shipped(ConfigDirectory.GatewayFile)).Select(m => m.Value);

        Assert.Equal([ConfigDirectory.CalendarAddress, ConfigDirectory.LegacyAddress], addresses);
    }

    private static IEnumerable<string> Fixed(IEnumerable<string> lines) => lines.Where(line => !OperatorsOwn().IsMatch(line));

    [GeneratedRegex("\"(Address|enabled|Users|Groups|DefaultRolloutPercentage|Active|Health\\.ExpectedStatus)\"")]
    private static partial Regex OperatorsOwn();

    [GeneratedRegex("https?://[^\"]+")]
    private static partial Regex Address();
}
