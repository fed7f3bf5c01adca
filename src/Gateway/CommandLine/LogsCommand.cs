using System.CommandLine;
using System.Text;
using Gateway.Logs;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway logs check [FILE|-]</c>: whether log lines of both programs are what they promise; exit 0 when they are, else 1.
/// </summary>
internal static class LogsCommand
{
    public static Command Create() => new("logs", "Work on the log lines of the gateway and the calendar service.") { CreateCheck() };

    private static Command CreateCheck()
    {
        var file = new Argument<string>("FILE")
        {
            DefaultValueFactory = _ => "-",
            Description = "The lines, of one process or of several; - is standard input.",
        };
        var canary = new Option<string[]>("--canary")
        {
            Description = "A text that must be nowhere, in no spelling; of a database's address, its password too. May be repeated.",
        };
        var canaries = new Option<string?>("--canary-file")
        {
            Description = "A file with one such text a line: others can read a command line.",
        };
        var whole = new Option<bool>("--whole")
        {
            Description = "The lines hold whole requests: one without a completion line is a finding.",
        };
        var json = CommandOutput.JsonOption();
        var command = new Command("check", "Report lines that lack a field or hold a secret.") { file, canary, canaries, whole, json };
        command.SetAction((result, cancel) => CheckAsync(
            result, result.GetValue(file)!, result.GetValue(canary) ?? [], result.GetValue(canaries), result.GetValue(whole),
            result.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> CheckAsync(
        ParseResult result, string file, string[] canaries, string? canaryFile, bool whole, bool json, CancellationToken cancel)
    {
        LogCheck check;
        try
        {
            string[] planted = [.. canaries,
                .. canaryFile is null ? [] : (await File.ReadAllLinesAsync(canaryFile, cancel)).Where(line => line.Length > 0)];
            if (Array.FindIndex(planted, text => text.Length < Canary.MinLength) is >= 0 and var at)
                throw Refuse($"Canary {at + 1} is shorter than {Canary.MinLength} characters and would be found by accident.");
            check = new LogCheck([.. planted.Select(text => new Canary(text))], whole);
            using var reader = file == "-" ? new StreamReader(Console.OpenStandardInput(), Encoding.UTF8) : File.OpenText(file);
            while (await reader.ReadLineAsync(cancel) is { } line)
                check.Read(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refuse(error.Message);
        }

        var findings = check.Finish();
        if (json)
            result.WriteJson(new { lines = check.Lines, requests = check.Requests, findings });
        else
            Write(result, check, findings);
        return findings.Count == 0 ? 0 : 1;
    }

    private static void Write(ParseResult result, LogCheck check, IReadOnlyList<LogFinding> findings)
    {
        foreach (var finding in findings)
            result.WriteText($"{finding.Line}: {finding.Rule}: {finding.Detail}");
        result.WriteText($"{check.Lines} lines, {check.Requests} requests, {findings.Count} findings");
    }

    private static CommandRefusedException Refuse(string why) => new("unreadable", why);
}
