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
internal sealed record ConfigFinding(
    string File, string Path, string? Value, string Expected, FindingSeverity Severity = FindingSeverity.Error)
{
    /// <summary>One line, whatever stands in the file.</summary>
    public override string ToString() =>
        $"{File}: {(Path.Length == 0 ? "(whole file)" : Path)}: {(Value is null ? "missing" : $"\"{Value}\"")}, expected {Expected}"
            .Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}

/// <summary>Collects the findings of one file, so that every problem is reported at once.</summary>
internal sealed class FindingList(string file, List<ConfigFinding> all)
{
    public int Count => all.Count;

    public bool HasErrors => all.Exists(f => f.File == file && f.Severity == FindingSeverity.Error);

    public void Error(string path, string? value, string expected) => all.Add(new(file, path, value, expected));

    public void Warning(string path, string? value, string expected) =>
        all.Add(new(file, path, value, expected, FindingSeverity.Warning));
}

/// <summary>The config folder cannot be used; the message lists every finding.</summary>
internal sealed class ConfigurationRefusedException(IReadOnlyList<ConfigFinding> findings)
    : Exception("The configuration is refused:" + Environment.NewLine + string.Join(Environment.NewLine, findings.Select(f => $"  {f}")))
{
    public IReadOnlyList<ConfigFinding> Findings { get; } = findings;
}
