using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Harness;

/// <summary><c>docs/contract.md</c>, and the words of the sources that it has to have: a promise that only one of the two knows is none.</summary>
public static partial class ContractPage
{
    public static string Root { get; } = FindRoot();

    public static string Text { get; } = File.ReadAllText(Path.Combine(Root, "docs", "contract.md"));

    /// <summary>The cells of the first table under <paramref name="heading"/> whose head begins with <paramref name="head"/>, without code marks.</summary>
    public static IReadOnlyList<string[]> ReadTable(string heading, string head) =>
    [
        .. LinesUnder(heading).SkipWhile(line => !line.StartsWith($"| {head} |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Trim('|').Split(" | ").Select(cell => cell.Trim()).ToArray()),
    ];

    /// <summary>What stands between code marks in a cell.</summary>
    public static IReadOnlyList<string> ReadWords(string cell) => [.. Marked().Matches(cell).Select(match => match.Groups[1].Value)];

    /// <summary>The words before the colons in the fenced lines that follow <paramref name="introduction"/>.</summary>
    public static IReadOnlyList<string> ReadCodes(string introduction)
    {
        var from = Text.IndexOf("```\n", Text.IndexOf(introduction, StringComparison.Ordinal), StringComparison.Ordinal) + 4;
        var lines = Text[from..Text.IndexOf("\n```", from, StringComparison.Ordinal)].Split('\n');
        return [.. lines.Select(line => line.Split(':')[0])];
    }

    /// <summary>The code of a project and of what both programs share.</summary>
    public static string ReadSources(string project) => string.Join('\n', ((string[])[project, "ServiceDefaults"])
        .SelectMany(name => Directory.EnumerateFiles(Path.Combine(Root, "src", name), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(File.ReadAllText));

    /// <summary>The problem codes that stand in the sources, with their status where it stands beside them.</summary>
    public static IReadOnlyList<(string Code, int? Status)> FindProblems(string sources) =>
    [
        .. Problem().Matches(sources).Select(match => (
            match.Groups["code"].Value,
            match.Groups["status"].Success ? int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture) : (int?)null)).Distinct(),
    ];

    /// <summary>Every key of the options classes that the sources bind to a section, with its default.</summary>
    public static IReadOnlyDictionary<string, object?> FindSettings(string sources, Assembly program)
    {
        var settings = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (Match bound in Section().Matches(sources))
        {
            var type = program.GetTypes().Single(type => type.Name == bound.Groups[1].Value);
            var defaults = Activator.CreateInstance(type, nonPublic: true);
            foreach (var property in type.GetProperties().Where(property => property.CanWrite || property.GetValue(defaults) is IList))
                settings.Add($"{bound.Groups[2].Value}:{property.Name}", property.GetValue(defaults));
        }

        return settings;
    }

    /// <summary>Whether a cell states this default: a value between code marks, or words where there is none.</summary>
    public static bool StatesDefault(string cell, object? value) => value switch
    {
        null or "" or IList { Count: 0 } => !cell.StartsWith('`'),
        TimeSpan time => TimeSpan.TryParse(cell.Trim('`'), CultureInfo.InvariantCulture, out var stated) && stated == time,
        _ => cell == $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static IEnumerable<string> LinesUnder(string heading) =>
        Text.Split('\n').SkipWhile(line => line.TrimStart('#').Trim() != heading).Skip(1).TakeWhile(line => !line.StartsWith('#'));

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

    // A code follows a status, or the fault of an export's query names it first.
    [GeneratedRegex("""
        Status(?<status>\d{3})\w*,\s*"(?<code>[a-z]+(-[a-z]+)*)"|Problem\.For\(\s*\w+,\s*\w+,\s*"(?<code>[a-z-]+)"|new\("(?<code>[a-z-]+)",\s*"(format|profile)"
        """, RegexOptions.ExplicitCapture)]
    private static partial Regex Problem();

    [GeneratedRegex("""(?:AddChecked|Read)<(\w+)>\(\s*"([\w:]+)"(?:,|\))""")]
    private static partial Regex Section();
}
