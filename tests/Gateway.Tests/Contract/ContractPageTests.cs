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

    /// <summary>The reference explains what the contract promises: of each word what it means and what to do.</summary>
    [Fact]
    public void ReferencePages_ReasonsAndProblems_AreThoseOfTheContract()
    {
        Assert.Equal(
            ContractPage.ReadTable("Response headers", "reason").Select(row => row[0]),
            ReferencePage.ReadRows("reference/reasons.md", "reason").Select(row => row[0]));
        Assert.Equal(
            ((string[])["Problems of the gateway", "Problems of the service"]).SelectMany(heading => ContractPage.ReadTable(heading, "code"))
                .Select(row => $"{row[0]} {row[1]}"),
            ReferencePage.ReadRows("reference/problems.md", "code").Select(row => $"{row[0]} {row[1]}"));
        Assert.All(
            ReferencePage.ReadRows("reference/reasons.md", "reason").Concat(ReferencePage.ReadRows("reference/problems.md", "code")),
            row => Assert.True(row.Length == 4 && row.All(cell => cell.Length > 0), row[0]));
    }

    [Fact]
    public async Task ReferencePage_FieldsOfALine_AreThoseThatAGatewayWrites()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        using var answer = await gateway.GetAsync("/anything");

        var line = await gateway.Logs.CompletionAsync(answer);
        Assert.Equal(
            line.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal),
            ReferencePage.ReadRows("reference/log-fields.md", "field").Select(row => row[0].Trim('`'))
                .TakeWhile(field => field != "acceptedAt").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Page_Metrics_AreThoseOfTheFirstScrape()
    {
        using var tls = new Tls.CertificateFolder();
        await using var gateway = await new GatewaySetup().Option("Kestrel:Endpoints:Secure:Url", "https://127.0.0.1:0")
            .Option("Kestrel:Endpoints:Secure:Certificate:Path", tls.Certificate)
            .Option("Kestrel:Endpoints:Secure:Certificate:KeyPath", tls.Key)
            .Edit(config => config.Ramp()).StartAsync();

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
