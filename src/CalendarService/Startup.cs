using CalendarService.Configuration;
using ServiceDefaults.Listening;
using ServiceDefaults.Logging;

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
        catch (InvalidConfigurationException invalid)
        {
            await Console.Error.WriteLineAsync(LogRedaction.Apply(invalid.Message));
            return Refused;
        }
        catch (Exception error) when (ListenFault.Describe(error) is not null)
        {
            await Console.Error.WriteLineAsync($"The calendar service cannot start: {ListenFault.Describe(error)}");
            return Refused;
        }
    }
}
