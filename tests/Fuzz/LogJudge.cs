namespace Fuzz;

/// <summary>Reads log lines as they come.</summary>
internal static class LogJudge
{
    /// <returns>What is wrong with the line; null when nothing is.</returns>
    public static string? FaultOf(string line) =>
        line.Contains(NastyValues.Canary, StringComparison.OrdinalIgnoreCase) ? "a canary in a log line"
        : line.Contains("\\n   at ", StringComparison.Ordinal) || line.StartsWith("   at ", StringComparison.Ordinal)
            ? "a stack trace in a log line"
        : line.StartsWith("Unhandled exception", StringComparison.Ordinal) ? "an unhandled exception"
        : null;
}
