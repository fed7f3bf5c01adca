using System.Globalization;
using System.Text.RegularExpressions;

namespace ArchitectureTests;

/// <summary>Every link of every document that leads within this repository leads somewhere: the file, and the heading in it.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_OfEveryDocument_LeadSomewhere()
    {
        var anchors = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var dead = new List<string>();
        foreach (var document in Checkout.ListFiles("*.md"))
        {
            foreach (var target in FindTargets(File.ReadAllText(Path.Combine(Checkout.Root, document))))
            {
                var (path, anchor) = target.Split('#', 2) is [var p, var a] ? (p, a) : (target, null);
                var file = path.Length == 0 ? document
                    : Path.GetRelativePath(Checkout.Root, Path.Combine(Checkout.Root, Path.GetDirectoryName(document)!, Uri.UnescapeDataString(path)));
                var full = Path.Combine(Checkout.Root, file);
                if (!File.Exists(full) && !Directory.Exists(full))
                    dead.Add($"{document}: {target}: there is no {file}");
                else if (anchor is not null && !AnchorsOf(file).Contains(anchor))
                    dead.Add($"{document}: {target}: {file} has no heading of this name");
            }
        }

        Assert.Equal([], dead);

        HashSet<string> AnchorsOf(string file) => anchors.TryGetValue(file, out var known) ? known
            : anchors[file] = FindAnchors(File.ReadAllText(Path.Combine(Checkout.Root, file)));
    }

    [Theory]
    [InlineData("see [this](a.md#b), [that](https://x.example/), ![a picture](p.png) and [a title](c.md \"t\")", "a.md#b p.png c.md")]
    [InlineData("[a](b_(c).md)", "b_(c).md")]
    [InlineData("[over\ntwo lines](d.md)", "d.md")]
    [InlineData("[words]: e.md\n", "e.md")]
    [InlineData("`[no](x.md)` and\n```\n[no](y.md)\n```\n    [no](z.md)\n", "")]
    public void Reader_Targets_AreThoseOfLinksAndNotOfCode(string text, string targets) =>
        Assert.Equal(targets.Split(' ', StringSplitOptions.RemoveEmptyEntries), FindTargets(text));

    [Theory]
    [InlineData("## 4. Falling back after the request was sent\n", "4-falling-back-after-the-request-was-sent")]
    [InlineData("# `X-Route-Reason`: why\n", "x-route-reason-why")]
    [InlineData("## GET /api/calendar/{calendarId}\n", "get-apicalendarcalendarid")]
    [InlineData("## One [link](a.md) in it\n", "one-link-in-it")]
    [InlineData("## Twice\n## Twice\n", "twice twice-1")]
    [InlineData("```\n# no heading\n```\n", "")]
    public void Reader_Anchors_AreAsTheSiteMakesThem(string text, string anchors) =>
        Assert.Equal(anchors.Split(' ', StringSplitOptions.RemoveEmptyEntries), FindAnchors(text).Order(StringComparer.Ordinal));

    private static IEnumerable<string> FindTargets(string text)
    {
        var prose = InlineCode().Replace(LeaveOutCode(text), "");
        return Link().Matches(prose).Select(match => (match.Index, match.Groups["target"].Value))
            .OrderBy(found => found.Index).Select(found => found.Value)
            .Where(target => !Scheme().IsMatch(target) && !target.StartsWith('<'));
    }

    private static HashSet<string> FindAnchors(string text)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(LeaveOutCode(text)))
        {
            var words = LinkWords().Replace(heading.Groups["words"].Value, "$1").Trim().ToLowerInvariant();
            var anchor = NotInAnchor().Replace(words, "").Replace(' ', '-');
            var before = found.GetValueOrDefault(anchor);
            found[anchor] = before + 1;
            anchors.Add(before == 0 ? anchor : string.Create(CultureInfo.InvariantCulture, $"{anchor}-{before}"));
        }

        return anchors;
    }

    private static string LeaveOutCode(string text)
    {
        var fenced = false;
        var lines = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            var fence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            fenced ^= fence;
            lines.Add(fence || fenced || line.StartsWith("    ", StringComparison.Ordinal) ? "" : line);
        }

        return string.Join('\n', lines);
    }

    // A target may hold one pair of brackets, and have a title behind it.
    [GeneratedRegex(@"\[[^\[\]]*\]\((?<target>(?:[^\s()]|\([^\s()]*\))+)(?:\s+""[^""]*"")?\)|^\[[^\]]+\]:\s+(?<target>\S+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^#{1,6} (?<words>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkWords();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex("^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();
}
