using ServiceDefaults.Starting;

namespace CalendarService;

internal static class Startup
{
    /// <summary>In log lines and traces, and at the beginning of metrics' names.</summary>
    public const string ProgramName = "calendar";

    private const string Typed = "CalendarService";
    private const string HelpOption = "--help";
    private const string VersionOption = "--version";

    private const string Help = """
        The calendar service. It starts with settings as arguments:

          CalendarService [--KEY=VALUE …]
          CalendarService --Kestrel:Endpoints:Http:Url=http://127.0.0.1:8081 --CALENDAR_DATA_DIR=data

          check [--KEY=VALUE …]  whether such a start would be refused, without one; 0 no, 1 yes

          --help, -h, -?  this text
          --version       the version, and the commit that it was built from

        Every setting is in docs/contract.md, section 1. Exit codes: 0 after SIGTERM, 1 it could not start, 2 the arguments are wrong.
        """;

    /// <inheritdoc cref="RefusedStart.ReportAsync"/>
    public static Task<int> ReportAsync(Func<Task> run) => RefusedStart.ReportAsync("The calendar service", run);

    /// <summary>What is answered instead of starting; null when the arguments are settings.</summary>
    public static string? Answer(string[] args) => args switch
    {
        [VersionOption] => ProgramVersion.Text,
        [HelpOption or "help" or "-h" or "-?"] => Help,
        _ => null,
    };

    public static ArgumentSettings ReadArguments(string[] args) => new(Typed, args, StartCheck.Name, "help", HelpOption, VersionOption);
}
