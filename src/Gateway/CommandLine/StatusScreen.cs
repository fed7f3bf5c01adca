using System.Globalization;
using Gateway.Admin;
using Spectre.Console;
using Spectre.Console.Rendering;
using static Gateway.CommandLine.Screen;
using Status = Gateway.Admin.Status;

namespace Gateway.CommandLine;

/// <summary>A gateway's status for people. Every text in it is somebody's, so none is markup.</summary>
internal static class StatusScreen
{
    private const int ShownEvents = 8;
    private const int ShownProblems = 5;
    private const int ShownNames = 3;

    public static string Render(StatusAnswer answer, Terminal terminal) =>
        Screen.Render(Parts(answer, answer.Status!), terminal);

    private static IEnumerable<IRenderable> Parts(StatusAnswer answer, Status status)
    {
        yield return Title(answer, status);
        yield return ToTable("Flag|State|Environment|File|Decided by|Share", status.Flags.Select(f => (IEnumerable<Text>)[
            Cell(f.Name), f.On ? Cell("on", Good) : Cell("off"), Cell(f.Environment ?? "unset"),
            Cell(f.File is { } file ? file ? "true" : "false" : "silent"), Cell(f.DecidedBy), Cell(Percent(f.Percentage))]));
        yield return ToTable("Cohort|Share|Users|Groups|Excluded", status.Cohorts.Select(c => (IEnumerable<Text>)[
            Cell(c.Key), Cell(Percent(c.Value.DefaultRolloutPercentage)), Cell(Names(c.Value.Users)),
            Cell(Names([.. c.Value.Groups.Select(g => $"{g.Key} {Percent(g.Value)}")])),
            Cell(Names([.. c.Value.ExcludedUsers, .. c.Value.ExcludedGroups]))]));
        var circuits = status.Backends.ToDictionary(b => b.Id, StringComparer.Ordinal);
        yield return ToTable("Answers by|State|Requests/s|Errors|Passed over|p99|Streams",
            status.LastMinute.Backends.Select(f => (IEnumerable<Text>)[
                Cell(f.Id), circuits.TryGetValue(f.Id, out var backend) ? State(backend.Availability) : Cell("–"),
                Cell(Number(f.RequestsPerSecond)), Cell(Number(f.Errors), f.Errors > 0 ? Bad : Plain),
                Cell(Number(f.PassedOver), f.PassedOver > 0 ? Bad : Plain), Cell(Duration(f.P99Seconds)), Cell(Number(f.StreamsOpen))])
            .Append([
                Cell("all"), Cell(""), Cell(Number(status.LastMinute.All.RequestsPerSecond)), Cell(Number(status.LastMinute.All.Errors)),
                Cell(Number(status.LastMinute.All.PassedOver)), Cell(Duration(status.LastMinute.All.P99Seconds)),
                Cell(Number(status.LastMinute.All.StreamsOpen))]));
        yield return ToTable("Destination|Address|Probes|Circuit|Spool", status.Backends.SelectMany(b => b.Destinations.Select(d =>
            (IEnumerable<Text>)[
                Cell(d.Id), Cell(d.Address ?? "–"), State(d.Active), State(d.Circuit),
                Cell(d.SpoolDepth is { } depth ? Number(depth) : "unknown", d.SpoolDepth > 0 ? Bad : Plain)])));
        yield return ToTable("Configuration", status.Events.Take(ShownEvents).Select(e =>
            (IEnumerable<Text>)[Cell($"{Time(e.At)} {e.Kind} {e.Revision}: {e.Text}", e.Kind == "refused" ? Bad : Plain)]));
    }

    private static Rows Title(StatusAnswer answer, Status status)
    {
        var (configuration, reload) = (status.Configuration, status.Configuration.LastReload);
        var lines = new List<Text>
        {
            Cell($"{Time(answer.At)}  gateway at {answer.Admin}: {(answer.Ready ? "ready" : $"not ready ({answer.Detail.Trim()})")}",
                answer.Ready ? Good : Bad),
            Cell($"configuration {configuration.Revision} of {configuration.Folder}, loaded {Time(configuration.LoadedAt)}, "
                + $"environment {configuration.Environment}"),
        };
        if (!reload.Successful)
            lines.Add(Cell($"revision {reload.Revision} on disk is refused since {Time(reload.At)}:", Bad));
        lines.AddRange(reload.Problems.Take(ShownProblems).Select(problem => Cell($"  {problem}", Bad)));
        if (reload.Problems.Count > ShownProblems)
            lines.Add(Cell($"  … and {Number(reload.Problems.Count - ShownProblems)} more; gateway check names all", Bad));
        lines.AddRange(configuration.Warnings.Take(ShownProblems).Select(warning => Cell($"warning: {warning}")));
        lines.Add(Cell($"figures of the last {Number(status.LastMinute.Seconds)} s"));
        return new Rows(lines);
    }

    private static Text State(string state) => Cell(state, state switch
    {
        "available" or "healthy" or "closed" => Good,
        "unknown" => Plain,
        _ => Bad,
    });

    private static string Names(IReadOnlyCollection<string> names) => names.Count == 0 ? "–"
        : string.Join(", ", names.Take(ShownNames)) + (names.Count > ShownNames ? $", … ({Number(names.Count)})" : "");

    private static string Percent(double percentage) => string.Create(CultureInfo.InvariantCulture, $"{percentage:0.##} %");

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Duration(double? seconds) => seconds switch
    {
        null => "–",
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s"),
    };
}
