using System.Text.RegularExpressions;
using CalendarService.Channels;
using CalendarService.Generation;
using Harness;
using ServiceDefaults.Problems;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Contract;

/// <summary>The tables of <c>docs/contract.md</c> against the service: what only one of the two knows fails, in either direction.</summary>
public sealed partial class ContractPageTests(Databases databases)
{
    private static readonly string Sources = ContractPage.ReadSources("CalendarService");

    [Fact]
    public void Page_Problems_AreThoseOfTheService()
    {
        var stated = ContractPage.ReadTable("Problems of the service", "code").ToDictionary(row => row[0].Trim('`'), row => row[1].Split(", "));
        var known = ContractPage.FindProblems(Sources);

        Assert.DoesNotContain(known, p => !stated.TryGetValue(p.Code, out var at) || (p.Status is { } status && !at.Contains($"{status}")));
        Assert.DoesNotContain(stated, row => known.All(p => p.Code != row.Key) && row.Value.Any(status => Problem.CodeOf(int.Parse(status)) != row.Key));
    }

    [Fact]
    public void Page_CodesOfTheStream_AreThoseOfTheService()
    {
        Assert.Equal(Words(WarningCode()), ContractPage.ReadCodes("Codes of the service's `warning` frames:").Order(StringComparer.Ordinal));
        Assert.Equal(Words(ErrorCode()), ContractPage.ReadCodes("Codes of the service's `error` frames:").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Page_Settings_AreThoseOfTheServiceWithTheirDefaults()
    {
        var known = ContractPage.FindSettings(Sources, typeof(RunStatus).Assembly);
        var sections = known.Keys.Select(SectionOf).ToHashSet(StringComparer.Ordinal);
        var stated = ContractPage.ReadTable("Settings of the calendar service", "key").ToDictionary(row => row[0].Trim('`'), row => row[1]);

        Assert.Equal(
            known.Keys.Order(StringComparer.Ordinal), stated.Keys.Where(key => sections.Contains(SectionOf(key))).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(known, setting => !ContractPage.StatesDefault(stated[setting.Key], setting.Value));
    }

    [Fact]
    public void Page_ColumnsAndChannels_AreThoseOfTheService()
    {
        var text = ContractPage.Text.ReplaceLineEndings(" ");
        Assert.Contains(string.Join(", ", ExportColumns.All), Blanks().Replace(text, " "), StringComparison.Ordinal);
        Assert.Contains($"Known channels: {string.Join(", ", ChannelRules.All.Select(c => $"`{c.Channel}`"))}.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_Metrics_AreThoseOfTheFirstScrape()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var scrape = (await service.GetAsync("/metrics")).Text;

        var stated = ContractPage.ReadTable("7. Metrics", "metric of the service").Select(row =>
            $"{row[0].Trim('`')} {row[1]} {string.Join(',', ContractPage.ReadWords(row[2]).Order(StringComparer.Ordinal))}");
        var types = Family().Matches(scrape).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var known = Sample().Matches(scrape).Select(sample =>
            $"{sample.Groups[1].Value} {types[sample.Groups[1].Value]} {string.Join(',', Labels(sample.Groups[2].Value))}");
        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), stated.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Labels(string labels) =>
        Label().Matches(labels).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);

    private static string[] Words(Regex pattern) =>
        [.. pattern.Matches(Sources).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

    private static string SectionOf(string key) => key.Contains(':') ? key[..key.LastIndexOf(':')] : "";

    // "duplicate-slot" is made without its type's name.
    [GeneratedRegex("""(?:WriterWarning|WarningFrame|Warning)\(\s*(?:seq,\s*)?(?:new\()?"([a-z-]+)",""")]
    private static partial Regex WarningCode();

    // What the endpoint throws becomes a code without its type's name too.
    [GeneratedRegex("""(?:RunEnding\.Error|WriterException|new)\(\s*"((?:ai|writer|run|shutting)-[a-z-]+)",""")]
    private static partial Regex ErrorCode();

    [GeneratedRegex(@"^# TYPE (calendar_\w+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Family();

    [GeneratedRegex(@"^(calendar_\w+)(?:\{(.*)\})? \S+$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="[^"]*",?""")]
    private static partial Regex Label();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
