namespace Gateway.Configuration;

internal enum FindingSeverity
{
    Warning,
    Error,
}

/// <summary>One thing to mend in the config folder, in the words an operator needs at 3 a.m.</summary>
/// <param name="File">File name within the folder.</param>
/// <param name="Path">Where in the file, as configuration writes it: <c>ReverseProxy:Routes:generate:Metadata:Replay</c>.</param>
/// <param name="Value">What stands there now; null when it is missing.</param>
/// <param name="Expected">What may stand there.</param>
/// <param name="Line">From 1; of what is missing, the line of that in which it is missing; null for a file that cannot be read.</param>
/// <param name="Column">From 1, in characters; a tab is one.</param>
/// <param name="Suggestion">The nearest thing that may stand there.</param>
internal sealed record ConfigFinding(
    string File, string Path, string? Value, string Expected, FindingSeverity Severity = FindingSeverity.Error,
    int? Line = null, int? Column = null, string? Suggestion = null)
{
    private const int LongestValue = 200;

    /// <summary>One line, whatever stands in the file.</summary>
    public override string ToString() => OneLine(File.Length == 0 ? Words : $"{File}{Place}: {Words}");

    /// <summary>As compilers print it, so that editors and terminals lead there.</summary>
    /// <param name="folder">As it leads there from where the reader is.</param>
    public string ToLine(string folder) =>
        OneLine($"{System.IO.Path.Combine(folder, File)}{Place}: {Severity.ToString().ToLowerInvariant()}: {Words}");

    /// <summary>File by file, from top to bottom.</summary>
    public static IReadOnlyList<ConfigFinding> InOrder(IEnumerable<ConfigFinding> findings) =>
        [.. findings.OrderBy(f => f.File, StringComparer.Ordinal).ThenBy(f => f.Line ?? 0).ThenBy(f => f.Column ?? 0)];

    private string Place => Line is null ? "" : FormattableString.Invariant($":{Line}:{Column}");

    private string Words => $"{(Path.Length == 0 ? "" : Path + ": ")}{(Value is null ? "missing" : $"\"{Shorten(Value)}\"")}, "
        + $"expected {Expected}{(Suggestion is null ? "" : $"; did you mean \"{Suggestion}\"?")}";

    private static string Shorten(string value) => value.Length <= LongestValue ? value : value[..LongestValue] + "…";

    private static string OneLine(string text) =>
        text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}

/// <summary>The config folder cannot be used; the message lists every finding.</summary>
/// <param name="folder">Where the files are, if it was files.</param>
internal sealed class ConfigurationRefusedException(IReadOnlyList<ConfigFinding> findings, string? folder = null)
    : Exception("The configuration is refused:" + Environment.NewLine
        + string.Join(Environment.NewLine, findings.Select(f => $"  {(folder is null ? f.ToString() : f.ToLine(folder))}")))
{
    public IReadOnlyList<ConfigFinding> Findings { get; } = findings;
}
