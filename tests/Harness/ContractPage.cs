using System.Globalization;
using System.Text.RegularExpressions;

namespace Harness;

/// <summary><c>docs/contract.md</c>, and what the sources have to say about it: a promise that only one of the two knows is none.</summary>
public static partial class ContractPage
{
    public static string Root { get; } = FindRoot();

    public static string Text { get; } = File.ReadAllText(Path.Combine(Root, "docs", "contract.md"));

    /// <summary>The cells of the first table under <paramref name="heading"/> whose head begins with <paramref name="head"/>.</summary>
    public static IReadOnlyList<string[]> ReadTable(string heading, string head) =>
    [
        .. Text.Split('\n').SkipWhile(line => line.TrimStart('#').Trim() != heading).Skip(1).TakeWhile(line => !line.StartsWith('#'))
            .SkipWhile(line => !line.StartsWith($"| {head} |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split(" | ").Select(cell => cell.Trim()).ToArray()),
    ];

    /// <summary>The words before the colons in the fenced lines that follow <paramref name="introduction"/>.</summary>
    public static IEnumerable<string> ReadCodes(string introduction)
    {
        var from = Text.IndexOf("```\n", Text.IndexOf(introduction, StringComparison.Ordinal), StringComparison.Ordinal) + 4;
        var lines = Text[from..Text.IndexOf("\n```", from, StringComparison.Ordinal)].Split('\n');
        return lines.Select(line => line.Split(':')[0]).Order(StringComparer.Ordinal);
    }

    /// <summary>The metrics of section 7 as <c>name type label,label</c>, of the table with this head.</summary>
    public static IEnumerable<string> ReadMetrics(string head) => ReadTable("7. Metrics", head)
        .Select(row => $"{row[0].Trim('`')} {row[1]} {string.Join(',', Marked().Matches(row[2]).Select(m => m.Groups[1].Value).Order())}")
        .Order(StringComparer.Ordinal);

    /// <summary>The code of a project and of what both programs share.</summary>
    public static string ReadSources(string project) => string.Join('\n', ((string[])[project, "ServiceDefaults"])
        .SelectMany(name => Directory.EnumerateFiles(Path.Combine(Root, "src", name), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(File.ReadAllText));

    /// <summary>What the pattern's first group finds in the sources, each once.</summary>
    public static IEnumerable<string> FindWords(string sources, Regex pattern) =>
        pattern.Matches(sources).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Problems that the table under <paramref name="heading"/> lacks, has with another status, or has alone.</summary>
    /// <param name="codeOf">The code of a status that nobody gives another one.</param>
    public static IReadOnlyList<string> FindProblemFaults(string heading, string sources, Func<int, string> codeOf)
    {
        var stated = ReadTable(heading, "code").ToDictionary(row => row[0].Trim('`'), row => row[1].Split(", "));
        var known = Problem().Matches(sources)
            .Select(match => (Code: match.Groups["code"].Value, Status: match.Groups["status"].Value)).ToList();
        return
        [
            .. known.Where(p => !stated.TryGetValue(p.Code, out var at) || (p.Status.Length > 0 && !at.Contains(p.Status)))
                .Select(problem => $"{problem.Code} {problem.Status} is not on the page"),
            .. stated.Where(row => known.All(problem => problem.Code != row.Key) && !row.Value.All(IsItsOwnWord(row.Key)))
                .Select(row => $"{row.Key} is on the page alone"),
        ];

        Func<string, bool> IsItsOwnWord(string code) => status => codeOf(int.Parse(status, CultureInfo.InvariantCulture)) == code;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("no Gateway.sln above " + AppContext.BaseDirectory);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Marked();

    // A code follows a status; the fault of an export's query names it first.
    [GeneratedRegex("""
        Status(?<status>\d{3})\w*,\s*"(?<code>[a-z-]+)"
        |Problem\.For\(\s*\w+,\s*\w+,\s*"(?<code>[a-z-]+)"
        |new\("(?<code>[a-z-]+)",\s"(format|profile)"
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Problem();
}
