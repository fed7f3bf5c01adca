using System.Text.RegularExpressions;
using CalendarService.Channels;
using Harness;
using ServiceDefaults.Problems;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Contract;

/// <summary>The tables of <c>docs/contract.md</c> against the service: what only one of the two knows fails, in either direction.</summary>
public sealed partial class ContractPageTests(Databases databases)
{
    private static readonly string Sources = ContractPage.ReadSources("CalendarService");

    [Fact]
    public void Page_Problems_AreThoseOfTheService() =>
        Assert.Empty(ContractPage.FindProblemFaults("Problems of the service", Sources, Problem.CodeOf));

    [Fact]
    public void Page_CodesOfTheStream_AreThoseOfTheService()
    {
        Assert.Equal(ContractPage.FindWords(Sources, WarningCode()), ContractPage.ReadCodes("Codes of the service's `warning` frames:"));
        Assert.Equal(ContractPage.FindWords(Sources, ErrorCode()), ContractPage.ReadCodes("Codes of the service's `error` frames:"));
    }

    [Fact]
    public void Page_ColumnsAndChannels_AreThoseOfTheService()
    {
        var text = Blanks().Replace(ContractPage.Text, " ");
        Assert.Contains($" {string.Join(", ", ExportColumns.All)} ", text, StringComparison.Ordinal);
        var channels = KnownChannels.All.Select(rules => $"`{rules.Channel}`");
        Assert.Contains($"Known channels: {string.Join(", ", channels)}.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_Metrics_AreThoseOfTheFirstScrape()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var scrape = (await service.GetAsync("/metrics")).Text;

        var types = Family().Matches(scrape).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var known = Sample().Matches(scrape).Select(sample => (Name: sample.Groups[1].Value, Labels: sample.Groups[2].Value))
            .Select(sample => $"{sample.Name} {types[sample.Name]} {string.Join(',', ContractPage.FindWords(sample.Labels, Label()))}");
        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), ContractPage.ReadMetrics("metric of the service"));
    }

    // What is left to the compiler to name is among them.
    [GeneratedRegex("""(?:WriterWarning|WarningFrame|Warning)\(\s*(?:seq,\s*)?(?:new\()?"([a-z-]+)",""")]
    private static partial Regex WarningCode();

    [GeneratedRegex("""(?:RunEnding\.Error|WriterException|new)\(\s*"((?:ai|writer|run|shutting)-[a-z-]+)",""")]
    private static partial Regex ErrorCode();

    [GeneratedRegex(@"(?<=^|\n)# TYPE (calendar_\w+) (\w+)")]
    private static partial Regex Family();

    [GeneratedRegex(@"(?<=\n)(calendar_\w+)(?:\{([^}]*)\})? ")]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="[^"]*",?""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
