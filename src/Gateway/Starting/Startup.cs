using Gateway.Configuration;
using ServiceDefaults.Listening;
using ServiceDefaults.Logging;
using ServiceDefaults.Options;

namespace Gateway.Starting;

internal static class Startup
{
    /// <summary>In log lines and traces, and at the beginning of metrics' names.</summary>
    public const string ProgramName = "gateway";

    private const int Refused = 1;

    /// <summary>What holds unless a file, a variable or an argument says otherwise.</summary>
    public static void AddStartingSettings(this WebApplicationBuilder builder) => builder.AddDefaults(
        ("Kestrel:Endpoints:Public:Url", "http://*:8080"),
        ("Kestrel:Endpoints:Admin:Url", "http://127.0.0.1:9901"),
        // YARP writes a stack trace for every failed probe and request; RiseFall and Fallback say the same in a line.
        ("Logging:LogLevel:Yarp.ReverseProxy.Health", "Error"),
        ("Logging:LogLevel:Yarp.ReverseProxy.Forwarder", "Error"));

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
        ConfigurationRefusedException refused => refused.Message,
        _ when error.FindOptionFaults() is { } faults => Lines(faults),
        _ when ListenFault.Describe(error) is { } fault => Lines([fault]),
        _ => null,
    };

    private static string Lines(IEnumerable<string> faults) =>
        "The gateway cannot start:" + Environment.NewLine + string.Join(Environment.NewLine, faults.Select(f => "  " + f));
}
