using ServiceDefaults.Listening;
using ServiceDefaults.Logging;
using ServiceDefaults.Options;

namespace ServiceDefaults.Starting;

/// <summary>Turns what an operator got wrong into words on standard error and an exit code; a stack trace would hide them.</summary>
public static class RefusedStart
{
    /// <param name="program">As the first line calls it: "The gateway".</param>
    /// <param name="describe">What else the program can put into words, whole; null for what it cannot.</param>
    /// <returns>
    /// 0 when <paramref name="run"/> ended, 1 when the start was refused, 2 when nothing was started because the command line was wrong.
    /// Any other failure is thrown on.
    /// </returns>
    public static async Task<int> ReportAsync(string program, Func<Task> run, Func<Exception, string?>? describe = null)
    {
        string? DescribeAny(Exception error) => describe?.Invoke(error) ?? Describe(program, error);

        try
        {
            await run();
            return ExitCodes.Done;
        }
        catch (Exception error) when (DescribeAny(error) is not null)
        {
            await Console.Error.WriteLineAsync(TerminalCharacters.Escape(LogRedaction.Apply(DescribeAny(error)!)));
            return error is WrongUsageException ? ExitCodes.WrongUsage : ExitCodes.Refused;
        }
    }

    /// <returns>Null for what is no operator's mistake.</returns>
    public static string? Describe(string program, Exception error) =>
        error is WrongUsageException wrong ? wrong.Message : FindFaults(error) is { } faults ? Join(program, faults) : null;

    private static IReadOnlyList<string>? FindFaults(Exception error) =>
        error.FindOptionFaults() ?? (ListenFault.Describe(error) is { } fault ? [fault] : null);

    private static string Join(string program, IEnumerable<string> faults) =>
        $"{program} cannot start:" + Environment.NewLine + string.Join(Environment.NewLine, faults.Select(fault => "  " + fault));
}
