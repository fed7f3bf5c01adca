using ServiceDefaults.Listening;
using ServiceDefaults.Logging;
using ServiceDefaults.Options;

namespace CalendarService;

internal static class Startup
{
    private const int Refused = 1;

    /// <summary>Turns what an operator got wrong into words on standard error and exit code 1; a stack trace would hide them.</summary>
    public static async Task<int> ReportAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception error) when (Describe(error) is not null)
        {
            await Console.Error.WriteLineAsync(LogRedaction.Apply(Describe(error)!));
            return Refused;
        }
    }

    private static string? Describe(Exception error) => error switch
    {
        _ when error.FindOptionFaults() is { } faults => Lines(faults),
        _ when ListenFault.Describe(error) is { } fault => Lines([fault]),
        _ => null,
    };

    private static string Lines(IEnumerable<string> faults) =>
        "The calendar service cannot start:" + Environment.NewLine + string.Join(Environment.NewLine, faults.Select(fault => "  " + fault));
}
