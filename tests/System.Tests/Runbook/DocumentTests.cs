using System.Text.RegularExpressions;

namespace SystemTests.Runbook;

/// <summary>The runbook and the failure playbook, executed command by command against real processes.</summary>
public sealed partial class DocumentTests(ITestOutputHelper output)
{
    [Fact]
    public Task Runbook_EveryCommandInOrder_PrintsWhatItSays() => ExecuteAsync("runbook.md", "BuiltIn");

    [Fact]
    public Task FailurePlaybook_EveryCommandInOrder_PrintsWhatItSays() => ExecuteAsync("failure-playbook.md", "OpenAI");

    [Fact]
    public void FailurePlaybook_EachFailure_HasItsSixParts()
    {
        var sections = Text("failure-playbook.md").Split("\n## ").Skip(1).ToDictionary(s => s[..s.IndexOf('\n')], s => s);

        Assert.Equal(
            [
                "Database down", "AI timeout", "AI away", "Channel auth missing", "Adapter failure", "Service down", "Legacy down",
                "Bad configuration", "Disk full",
            ],
            sections.Keys);
        Assert.All(sections.Values, section => Assert.All(
            (string[])["Meaning", "Impact", "Looks like", "Do", "Check", "Undo"],
            part => Assert.Contains($"**{part}**", section, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("runbook.md")]
    [InlineData("failure-playbook.md")]
    public void Links_ToTheDocumentsOfThisRepository_LeadSomewhere(string document)
    {
        foreach (var target in Link().Matches(Text(document)).Select(m => m.Groups["target"].Value))
        {
            var (file, anchor) = target.Split('#') is [var f, var a] ? (f, a) : (target, null);
            var path = Path.Combine(Repository.Root, "docs", file.Length == 0 ? document : file);
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{document}: {target}");
            if (anchor is not null)
                Assert.Contains(anchor, Heading().Matches(File.ReadAllText(path)).Select(h => Anchor(h.Groups["words"].Value)));
        }
    }

    [Theory]
    [InlineData("a\nb", "a\nb", true)]
    [InlineData("a … c", "a b c", true)]
    [InlineData("…\nb\n…", "a\nb\nc", true)]
    [InlineData("…", "", true)]
    [InlineData("a", "a\nb", false)]
    [InlineData("a\nb", "b\na", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("", "a", false)]
    public void Fault_OfWhatABlockPrints_IsFoundUnlessItIsWhatWasPromised(string promised, string printed, bool kept) =>
        Assert.Equal(kept, new CommandBlock(1, "", promised.Length == 0 ? [] : promised.Split('\n'), false, null).Fault(printed) is null);

    private async Task ExecuteAsync(string document, string writer)
    {
        var steps = DocumentStep.Read(Text(document));
        Assert.Equal(Text(document).Split("\n```sh\n").Length - 1, steps.OfType<CommandBlock>().Count());
        await using var system = await DocumentSystem.StartAsync(writer);
        var happenings = new Happenings(system);
        var (executed, faults) = (0, new List<string>());
        foreach (var step in steps.TakeWhile(_ => faults.Count < 3)) // What comes after a fault may still tell something.
        {
            if (step is Happening happening && await Record.ExceptionAsync(() => happenings.PerformAsync(happening.Name)) is { } failure)
                faults.Add($"docs/{document}, line {happening.Line}: {happening.Name}\n\n{failure.Message}");
            if (step is not CommandBlock { NotRun: null } block)
                continue;
            if (await system.RunAsync(block) is { } fault)
                faults.Add($"docs/{document}, line {block.Line}:\n{block.Script}\n\n{fault}\n\n{Ends(system)}");
            executed++;
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults));

        var skipped = steps.OfType<CommandBlock>().Where(b => b.NotRun is not null).ToList();
        Assert.Equal(steps.OfType<CommandBlock>().Count(), executed + skipped.Count);
        Assert.InRange(skipped.Count, 0, 4); // Each has its reason; a document that is mostly reasons is not executed.
        output.WriteLine($"docs/{document}: {executed} blocks of commands executed, {skipped.Count} not");
        skipped.ForEach(block => output.WriteLine($"  line {block.Line}: {block.NotRun}"));
    }

    private static string Ends(DocumentSystem system) => string.Join('\n', ((string[])["gateway.log", "calendar.log"]).Select(system.File)
        .Where(File.Exists).SelectMany(
            log => File.ReadLines(log).TakeLast(5).Select(l => l.Length > 200 ? l[..200] + "…" : l).Prepend(Path.GetFileName(log))));

    private static string Text(string document) => File.ReadAllText(Path.Combine(Repository.Root, "docs", document));

    private static string Anchor(string heading) => NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^):]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<words>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchor();
}
