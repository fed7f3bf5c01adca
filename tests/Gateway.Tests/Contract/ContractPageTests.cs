using System.Text.RegularExpressions;
using Gateway.Exchanges;
using ServiceDefaults.Problems;

namespace Gateway.Tests.Contract;

/// <summary>The tables of <c>docs/contract.md</c> against the gateway: what only one of the two knows fails, in either direction.</summary>
public sealed partial class ContractPageTests
{
    private static readonly string Sources = ContractPage.ReadSources("Gateway");

    [Fact]
    public void Page_Reasons_AreThoseOfTheGateway()
    {
        var stated = ContractPage.ReadTable("Response headers", "`X-Route-Reason`").Select(row => row[0].Trim('`'));

        Assert.Equal(Enum.GetNames<RouteReason>().Select(ToWord).Order(StringComparer.Ordinal), stated.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Page_ProxyStatusErrors_AreThoseOfTheGateway()
    {
        var stated = ContractPage.ReadTable("Response headers", "error").Select(row => row[0].Trim('`'));

        Assert.Equal(Words(ProxyError(), Sources), stated.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Page_Problems_AreThoseOfTheGateway()
    {
        var stated = ContractPage.ReadTable("Problems of the gateway", "code").ToDictionary(row => row[0].Trim('`'), row => row[1].Split(", "));
        var known = ContractPage.FindProblems(Sources);

        Assert.DoesNotContain(known, p => !stated.TryGetValue(p.Code, out var at) || (p.Status is { } status && !at.Contains($"{status}")));
        Assert.DoesNotContain(stated, row => known.All(p => p.Code != row.Key) && row.Value.Any(status => Problem.CodeOf(int.Parse(status)) != row.Key));
    }

    [Fact]
    public void Page_CodesOfTheGuard_AreThoseOfTheGateway() =>
        Assert.Equal(Words(GuardCode(), Sources), ContractPage.ReadCodes("never waits for ever. The codes:").Order(StringComparer.Ordinal));

    [Fact]
    public void Page_Settings_AreThoseOfTheGatewayWithTheirDefaults()
    {
        var known = ContractPage.FindSettings(Sources, typeof(RouteReason).Assembly);
        var sections = known.Keys.Select(SectionOf).ToHashSet(StringComparer.Ordinal);
        var stated = ContractPage.ReadTable("Settings of the gateway", "key").ToDictionary(row => row[0].Trim('`'), row => row[1]);

        Assert.Equal(
            known.Keys.Order(StringComparer.Ordinal), stated.Keys.Where(key => sections.Contains(SectionOf(key))).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(known, setting => !ContractPage.StatesDefault(stated[setting.Key], setting.Value));
    }

    [Fact]
    public async Task Page_Metrics_AreThoseOfTheFirstScrape()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var page = await gateway.MetricsAsync();

        var stated = ContractPage.ReadTable("7. Metrics", "metric of the gateway").Select(row =>
            $"{row[0].Trim('`')} {row[1]} {string.Join(',', ContractPage.ReadWords(row[2]).Order(StringComparer.Ordinal))}");
        var known = page.Types.Where(type => type.Key.StartsWith("gateway_", StringComparison.Ordinal)).SelectMany(type =>
            page.Of(type.Value == "histogram" ? type.Key + "_count" : type.Key).Select(sample =>
                $"{type.Key} {type.Value} {string.Join(',', sample.Labels.Keys.Order(StringComparer.Ordinal))}"));
        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), stated.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Page_Links_LeadSomewhereAndNoLineIsTooLong()
    {
        Assert.DoesNotContain(ContractPage.Text.Split('\n'), line => line.Length > 120);
        foreach (var target in Link().Matches(ContractPage.Text).Select(match => match.Groups["target"].Value))
        {
            var (file, anchor) = target.Split('#') is [var f, var a] ? (f, a) : (target, null);
            var path = Path.Combine(ContractPage.Root, "docs", file.Length == 0 ? "contract.md" : file);
            Assert.True(File.Exists(path) || Directory.Exists(path), target);
            if (anchor is not null)
                Assert.Contains(anchor, Heading().Matches(File.ReadAllText(path)).Select(heading => ToAnchor(heading.Groups["words"].Value)));
        }
    }

    private static string[] Words(Regex pattern, string text) =>
        [.. pattern.Matches(text).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

    private static string SectionOf(string key) => key.Contains(':') ? key[..key.LastIndexOf(':')] : "";

    private static string ToWord(string member) => Capital().Replace(member, "-$1").ToLowerInvariant();

    private static string ToAnchor(string heading) => NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex("(?<=[a-z])([A-Z])")]
    private static partial Regex Capital();

    [GeneratedRegex("gateway; error=([a-z_]+)")]
    private static partial Regex ProxyError();

    // A code, then its sentence.
    [GeneratedRegex("""\("((?:upstream|gateway)_[a-z]+)", "[A-Z]""")]
    private static partial Regex GuardCode();

    [GeneratedRegex(@"\]\((?<target>[^):]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<words>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchor();
}
