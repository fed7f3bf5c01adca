using CalendarService.Configuration;
using Microsoft.AspNetCore.Connections;
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
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"The calendar service cannot start: {taken.Message}");
            return Refused;
        }
    }
}
