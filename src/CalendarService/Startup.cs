using System.Net.Sockets;
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
        catch (Exception error) when (IsAddress(error))
        {
            await Console.Error.WriteLineAsync($"The calendar service cannot start: {error.Message}");
            return Refused;
        }
    }

    // What Kestrel throws when it cannot listen: taken; not this machine's, or not allowed; another scheme, or no certificate.
    private static bool IsAddress(Exception error) =>
        error is IOException { InnerException: AddressInUseException } or SocketException
            or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" };
}
