using System.Globalization;

namespace Drill;

/// <summary>What happens, as it happens, with the seconds since the drill began.</summary>
internal sealed class Transcript(TextWriter output, TimeProvider clock)
{
    public DateTimeOffset Began { get; } = clock.GetUtcNow();

    public Task SayAsync(string kind, string what) => SayAsync(clock.GetUtcNow(), kind, what);

    public Task SayAsync(DateTimeOffset at, string kind, string what) =>
        output.WriteLineAsync($"{At(at),7} s  {kind,-8}  {what.ReplaceLineEndings("\n                      ")}");

    public async Task ArrivedAsync(AlertCase alert)
    {
        var arrival = alert.Arrival!;
        await SayAsync(
            arrival.At, "arrived",
            $"{alert.Expected.Name} {alert.Expected.Severity} at {arrival.Receiver} {Words.Labels(alert.Expected.Labels)}\n"
            + $"fault {At(alert.FaultAt)}, first bad sample {At(alert.BadSampleAt)}, pending {At(alert.PendingAt)}, firing {At(alert.FiringAt)}, webhook {At(arrival.At)}\n"
            + arrival.Annotations.GetValueOrDefault("description"));
    }

    public Task EndedAsync(AlertCase alert) => SayAsync(
        alert.End!.At, "resolved",
        $"{alert.Expected.Name} {alert.Expected.Severity} {Words.Labels(alert.Expected.Labels)}, {Words.Seconds(alert.SecondsToEnd)} s after it was mended");

    public async Task TableAsync(IReadOnlyList<AlertCase> alerts)
    {
        var widths = (Name: alerts.Max(a => a.Expected.Name.Length), Labels: alerts.Max(a => Words.Labels(a.Expected.Labels).Length));
        await output.WriteLineAsync();
        await output.WriteLineAsync(
            $"{"alert".PadRight(widths.Name)}  severity  {"labels".PadRight(widths.Labels)}  fault→webhook s  mended→resolved s");
        foreach (var alert in alerts)
        {
            await output.WriteLineAsync(
                $"{alert.Expected.Name.PadRight(widths.Name)}  {alert.Expected.Severity,-8}  {Words.Labels(alert.Expected.Labels).PadRight(widths.Labels)}  "
                + $"{Words.Seconds(alert.SecondsToArrival),15}  {Words.Seconds(alert.SecondsToEnd),17}");
        }

        await output.WriteLineAsync();
    }

    private string At(DateTimeOffset? moment) =>
        moment is { } at ? (at - Began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) : "-";
}
