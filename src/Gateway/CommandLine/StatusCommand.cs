using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServiceDefaults.Logging;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary><c>gateway status</c>: the running gateway on one screen; with <c>--watch</c> again every second.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var admin = AddressOption.Create("--admin", "The admin listener; that of the settings by default.");
        var watch = new Option<bool>("--watch") { Description = "Ask again every second, until Ctrl-C." };
        var json = CommandOutput.JsonOption();
        var command = new Command("status", "Show flags, cohorts, backends, figures of the last minute and what was reloaded.")
            { admin, watch, json };
        command.SetAction(async (result, cancel) =>
        {
            using var gateway = new RunningGateway(result.OpenAdmin(admin));
            return result.GetValue(watch)
                ? await WatchAsync(result, gateway, result.GetValue(json), cancel)
                : await ShowAsync(result, gateway, result.GetValue(json), cancel);
        });
        return command;
    }

    private static async Task<int> ShowAsync(ParseResult result, RunningGateway gateway, bool json, CancellationToken cancel)
    {
        var answer = await gateway.AskAsync(cancel);
        if (answer.Document is null)
            throw new CommandRefusedException("unreachable", $"{gateway.Address}: {answer.Detail}");
        if (json)
            result.WriteJson(ToDocument(answer));
        else
            result.InvocationConfiguration.Output.Write(StatusScreen.Render(answer, Terminal.Find(result.InvocationConfiguration.Output)));
        return answer.Ready ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static async Task<int> WatchAsync(ParseResult result, RunningGateway gateway, bool json, CancellationToken cancel)
    {
        var output = result.InvocationConfiguration.Output;
        DateTimeOffset? lastSeen = null;
        try
        {
            while (true)
            {
                var answer = await gateway.AskAsync(cancel);
                lastSeen = answer.Document is null ? lastSeen : answer.At;
                var terminal = Terminal.Find(output); // Its owner may have made it larger.
                if (json)
                    output.WriteLine(TerminalCharacters.Escape(JsonSerializer.Serialize(ToDocument(answer), JsonSerializerOptions.Web)));
                else
                    terminal.Draw(output, answer.Document is null ? Gone(answer, lastSeen) : StatusScreen.Render(answer, terminal));
                await Task.Delay(Interval, TimeProvider.System, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            Terminal.Find(output).Leave(output);
            return ExitCodes.Done;
        }
    }

    /// <summary>No figure of a gateway that does not answer is shown as if it were today's.</summary>
    private static string Gone(StatusAnswer answer, DateTimeOffset? lastSeen) => TerminalCharacters.Escape(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {answer.At:HH:mm:ss}Z  {answer.Admin}: nobody answers ({answer.Detail})
        {(lastSeen is { } at ? $"last seen at {at:HH:mm:ss}Z; what it said then is not shown" : "not seen since this watch began")}

        """));

    private static object ToDocument(StatusAnswer answer) =>
        new { answer.Admin, answer.At, answer.Ready, answer.Detail, Status = answer.Document };
}
