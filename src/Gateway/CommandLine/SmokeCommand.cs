using System.CommandLine;
using Gateway.Listening;
using Gateway.Smoke;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway smoke</c>: the runbook's smokes against a running installation. Exit 0 passed, 1 a check failed, 2 it could not begin.
/// </summary>
internal static class SmokeCommand
{
    private static readonly Option<string?> Url = AddressOption.Create("--url", "The public listener; http://127.0.0.1:8080 by default.");
    private static readonly Option<string> User = new("--user")
    {
        Required = true,
        Description = "Who asks; SMOKE_TOKEN in the environment is sent as a bearer token instead of X-User-Id.",
    };
    private static readonly Option<string?> Groups = new("--groups") { Description = "The user's groups, comma-separated." };
    private static readonly Option<string?> Outside = new("--outside")
    {
        Description = "A user who has to be outside the cohort (token in SMOKE_OUTSIDE_TOKEN).",
    };
    private static readonly Option<SmokeExpectation> Expect = new("--expect")
    {
        Description = "off, calendar (only the calendar flag), on, or auto: what the gateway says.",
    };
    private static readonly Option<string?> Admin = AddressOption.Create(
        "--admin", "The admin listener, as http://127.0.0.1:9901, to compare what it says.");
    private static readonly Option<string> Calendar = new("--calendar")
    {
        DefaultValueFactory = _ => "smoke",
        Description = "A calendar of the smoke's own, used again each time.",
    };
    private static readonly Option<string[]> Channels = new("--channels")
    {
        AllowMultipleArgumentsPerToken = true,
        Description = "Where to publish; two configured ones by default.",
    };
    private static readonly Option<string[]> GatewayLogs = new("--gateway-logs")
    {
        AllowMultipleArgumentsPerToken = true,
        Description = "The gateway's log files.",
    };
    private static readonly Option<string[]> ServiceLogs = new("--service-logs")
    {
        AllowMultipleArgumentsPerToken = true,
        Description = "The calendar service's log files.",
    };
    private static readonly Option<double> Timeout = new("--timeout")
    {
        DefaultValueFactory = _ => 30,
        Description = "Seconds to wait for an answer, or between two bytes of a stream.",
    };
    private static readonly Option<double> KeepAlive = new("--keep-alive")
    {
        DefaultValueFactory = _ => 15,
        Description = "Seconds of silence after which the service sends a comment (Stream:KeepAlive).",
    };

    static SmokeCommand()
    {
        foreach (var seconds in (Option<double>[])[Timeout, KeepAlive])
        {
            seconds.Validators.Add(static result =>
            {
                if (result.Tokens.Count > 0 && result.GetValueOrDefault<double>() is not (> 0 and < 1_000_000))
                    result.AddError($"{result.IdentifierToken} takes seconds, above zero.");
            });
        }
    }

    public static Command Create()
    {
        var json = CommandOutput.JsonOption();
        var command = new Command("smoke", "Perform the runbook's smokes against a running installation.")
        {
            Url, User, Groups, Outside, Expect, Admin, Calendar, Channels, GatewayLogs, ServiceLogs, Timeout, KeepAlive, json,
        };
        command.SetAction(async (result, cancel) =>
        {
            var options = Read(result);
            using var run = new SmokeRun(options, cancel);
            try
            {
                await run.RunAsync();
            }
            catch (SmokeImpossibleException impossible)
            {
                throw new CommandRefusedException("impossible", $"The smoke cannot begin: {impossible.Message}", ExitCodes.WrongUsage);
            }

            if (result.GetValue(json))
                WriteJson(result, options, run);
            else
                Write(result, options, run);
            return run.Report.Passed ? 0 : 1;
        });
        return command;
    }

    private static SmokeOptions Read(ParseResult result) => new(
        ListenerAddress.Parse(result.GetValue(Url) ?? "http://127.0.0.1:8080")!, result.GetValue(User)!, result.GetValue(Groups),
        result.GetValue(Outside), result.GetValue(Expect),
        ListenerAddress.Parse(result.GetValue(Admin)), result.GetValue(Calendar)!, result.GetValue(Channels) ?? [],
        TimeSpan.FromSeconds(result.GetValue(Timeout)), TimeSpan.FromSeconds(result.GetValue(KeepAlive)),
        result.GetValue(GatewayLogs) ?? [], result.GetValue(ServiceLogs) ?? [])
    {
        Token = Environment.GetEnvironmentVariable("SMOKE_TOKEN"),
        OutsideToken = Environment.GetEnvironmentVariable("SMOKE_OUTSIDE_TOKEN"),
    };

    private static void WriteJson(ParseResult result, SmokeOptions options, SmokeRun run) => result.WriteJson(new
    {
        url = options.Url.ToString(),
        user = options.User,
        expected = run.Expected,
        passed = run.Report.Passed,
        checks = run.Report.Checks,
        leftBehind = run.Report.LeftBehind,
    });

    private static void Write(ParseResult result, SmokeOptions options, SmokeRun run)
    {
        result.WriteText($"Smoke of {options.Url} as {options.User}, expecting {Describe(run.Expected)}");
        foreach (var check in run.Report.Checks)
            result.WriteText($"{check.Status.ToString().ToUpperInvariant()}  {check.Name,-13}  {check.Evidence.ReplaceLineEndings(" ")}");
        result.WriteText(
            run.Report.LeftBehind.Count == 0 ? "Left behind: nothing" : $"Left behind: {string.Join("; ", run.Report.LeftBehind)}");
        result.WriteText(
            $"{run.Report.Count(SmokeStatus.Pass)} passed, {run.Report.Count(SmokeStatus.Fail)} failed, "
            + $"{run.Report.Count(SmokeStatus.Skip)} skipped");
    }

    private static string Describe(SmokeExpectation expected) => expected switch
    {
        SmokeExpectation.Off => "both flags off",
        SmokeExpectation.Calendar => "the calendar on, publishing off",
        _ => "both flags on",
    };
}
