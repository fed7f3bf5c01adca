using System.CommandLine;
using System.Text.Json;
using Gateway.Rollout.Control;
using ServiceDefaults.Logging;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary><c>gateway rollout status</c>: where the ramps stand, on one screen; with <c>--watch</c> again every second.</summary>
internal static class RolloutStatusCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var target = new RolloutTargetOptions();
        var watch = new Option<bool>("--watch") { Description = "Look again every second, until Ctrl-C." };
        var json = CommandOutput.JsonOption();
        var command = new Command("status", "Show each ramp: step, evidence, verdict, what comes next, what was done.") { watch };
        foreach (var option in (Option[])[.. target.All, json])
            command.Add(option);
        command.SetAction(async (result, cancel) =>
        {
            using var rollout = target.Open(result);
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(watch))
                return await WatchAsync(output, rollout, result.GetValue(json), cancel);
            var report = await rollout.ReadAsync(cancel);
            if (result.GetValue(json))
                result.WriteJson(report);
            else
                output.Write(RolloutScreen.Render(report, rollout.Name, TimeProvider.System.GetUtcNow(), Terminal.Find(output)));
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<int> WatchAsync(TextWriter output, RolloutTarget rollout, bool json, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var terminal = Terminal.Find(output);
                var (report, fault) = await TryReadAsync(rollout, cancel);
                if (json)
                    output.WriteLine(TerminalCharacters.Escape(JsonSerializer.Serialize<object>(
                        report is null ? new { fault } : report, JsonSerializerOptions.Web)));
                else
                    terminal.Draw(output, report is null
                        ? TerminalCharacters.Escape($"{rollout.Name}: {fault}") + "\n"
                        : RolloutScreen.Render(report, rollout.Name, TimeProvider.System.GetUtcNow(), terminal));
                await Task.Delay(Interval, TimeProvider.System, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            Terminal.Find(output).Leave(output);
            return ExitCodes.Done;
        }
    }

    private static async Task<(RolloutReport? Report, string? Fault)> TryReadAsync(RolloutTarget rollout, CancellationToken cancel)
    {
        try
        {
            return (await rollout.ReadAsync(cancel), null);
        }
        catch (CommandRefusedException refused)
        {
            return (null, refused.Message);
        }
    }
}
