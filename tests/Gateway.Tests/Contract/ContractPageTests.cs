using System.Text.RegularExpressions;
using Gateway.Exchanges;
using ServiceDefaults.Problems;

namespace Gateway.Tests.Contract;

/// <summary>The tables of <c>docs/contract.md</c> against the gateway: what only one of the two knows fails, in either direction.</summary>
public sealed partial class ContractPageTests
{
    private static readonly string Sources = ContractPage.ReadSources("Gateway");

    [Fact]
    public void Page_Reasons_AreThoseOfTheGateway() => Assert.Equal(
        Enum.GetNames<RouteReason>().Select(ToKebabCase).Order(StringComparer.Ordinal),
        ContractPage.ReadTable("Response headers", "reason").Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));

    [Fact]
    public void Page_ProxyStatusErrors_AreThoseOfTheGateway() => Assert.Equal(
        ContractPage.FindWords(Sources, ProxyError()),
        ContractPage.ReadTable("Response headers", "error").Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));

    [Fact]
    public void Page_Problems_AreThoseOfTheGateway() =>
        Assert.Empty(ContractPage.FindProblemFaults("Problems of the gateway", Sources, Problem.CodeOf));

    [Fact]
    public void Page_CodesOfTheGuard_AreThoseOfTheGateway() =>
        Assert.Equal(ContractPage.FindWords(Sources, GuardCode()), ContractPage.ReadCodes("never waits for ever. The codes:"));

    [Fact]
    public void Page_Settings_AreThoseOfTheGatewayWithTheirDefaults() =>
        Assert.Empty(ContractPage.FindSettingFaults("Settings of the gateway", Sources, typeof(RouteReason).Assembly));

    [Fact]
    public async Task Page_Metrics_AreThoseOfTheFirstScrape()
    {
        using var tls = new Tls.CertificateFolder();
        await using var gateway = await new GatewaySetup().Option("Kestrel:Endpoints:Secure:Url", "https://127.0.0.1:0")
            .Option("Kestrel:Endpoints:Secure:Certificate:Path", tls.Certificate)
            .Option("Kestrel:Endpoints:Secure:Certificate:KeyPath", tls.Key).StartAsync();

        var page = await gateway.MetricsAsync();

        var known = page.Types.Where(type => type.Key.StartsWith("gateway_", StringComparison.Ordinal)).SelectMany(type =>
            page.Of(type.Value == "histogram" ? type.Key + "_count" : type.Key).Select(sample =>
                $"{type.Key} {type.Value} {string.Join(',', sample.Labels.Keys.Order(StringComparer.Ordinal))}"));
        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), ContractPage.ReadMetrics("metric of the gateway"));
    }

    [Fact]
    public void Page_Lines_AreShortAndTheirLinksLeadSomewhere()
    {
        Assert.DoesNotContain(ContractPage.Text.Split('\n'), line => line.Length > 120);
        foreach (var target in ContractPage.FindWords(ContractPage.Text, Link()))
        {
            var (file, anchor) = target.Split('#') is [var f, var a] ? (f, a) : (target, null);
            var path = Path.Combine(ContractPage.Root, "docs", file.Length == 0 ? "contract.md" : file);
            Assert.True(File.Exists(path) || Directory.Exists(path), target);
            if (anchor is not null)
                Assert.Contains(anchor, ContractPage.FindWords(File.ReadAllText(path), Heading()).Select(ToAnchor));
        }
    }

    private static string ToKebabCase(string member) => Capital().Replace(member, "-$1").ToLowerInvariant();

    private static string ToAnchor(string heading) => NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex("(?<=[a-z])([A-Z])")]
    private static partial Regex Capital();

    [GeneratedRegex("gateway; error=([a-z_]+)")]
    private static partial Regex ProxyError();

    // A code, then its sentence.
    [GeneratedRegex("""\("((?:upstream|gateway)_[a-z]+)", "[A-Z]""")]
    private static partial Regex GuardCode();

    [GeneratedRegex(@"\]\(([^):]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<=^|\n)#+ ([^\n]+)")]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchor();
}
