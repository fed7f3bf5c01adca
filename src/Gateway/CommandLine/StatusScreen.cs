using System.Globalization;
using Gateway.Admin;
using ServiceDefaults.Logging;
using Spectre.Console;
using Spectre.Console.Rendering;
using Status = Gateway.Admin.Status;

namespace Gateway.CommandLine;

/// <summary>A gateway's status for people. Every text in it is somebody's, so none is markup.</summary>
internal static class StatusScreen
{
    private const int ShownEvents = 8;
    private const int ShownProblems = 5;
    private const int ShownNames = 3;

    private static readonly Style Plain = Style.Plain;
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style Heading = new(decoration: Decoration.Bold);

    public static string Render(StatusAnswer answer, Terminal terminal)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.HasColors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.HasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = terminal.Width;
        console.Profile.Capabilities.Unicode = true;
        foreach (var part in Parts(answer, answer.Status!))
        {
            console.Write(part);
            console.WriteLine();
        }

        // A table pads its last column.
        return string.Concat(text.ToString().Split('\n').SkipLast(1).Select(line => line.TrimEnd() + "\n"));
    }

    private static IEnumerable<IRenderable> Parts(StatusAnswer answer, Status status)
    {
        yield return Title(answer, status);
        yield return Table("Flag|State|Environment|File|Decided by|Share", status.Flags.Select(f => (IEnumerable<Text>)[
            Cell(f.Name), f.On ? Cell("on", Good) : Cell("off"), Cell(f.Environment ?? "unset"),
            Cell(f.File is { } file ? file ? "true" : "false" : "silent"), Cell(f.DecidedBy), Cell(Percent(f.Percentage))]));
        yield return Table("Cohort|Share|Users|Groups|Excluded", status.Cohorts.Select(c => (IEnumerable<Text>)[
            Cell(c.Key), Cell(Percent(c.Value.DefaultRolloutPercentage)), Cell(Names(c.Value.Users)),
            Cell(Names([.. c.Value.Groups.Select(g => $"{g.Key} {Percent(g.Value)}")])),
            Cell(Names([.. c.Value.ExcludedUsers, .. c.Value.ExcludedGroups]))]));
        var circuits = status.Backends.ToDictionary(b => b.Id, StringComparer.Ordinal);
        yield return Table("Answers by|State|Requests/s|Errors|Passed over|p99|Streams",
            status.LastMinute.Backends.Select(f => (IEnumerable<Text>)[
                Cell(f.Id), circuits.TryGetValue(f.Id, out var backend) ? State(backend.Availability) : Cell("–"),
                Cell(Number(f.RequestsPerSecond)), Cell(Number(f.Errors), f.Errors > 0 ? Bad : Plain),
                Cell(Number(f.PassedOver), f.PassedOver > 0 ? Bad : Plain), Cell(Duration(f.P99Seconds)), Cell(Number(f.StreamsOpen))])
            .Append([
                Cell("all"), Cell(""), Cell(Number(status.LastMinute.All.RequestsPerSecond)), Cell(Number(status.LastMinute.All.Errors)),
                Cell(Number(status.LastMinute.All.PassedOver)), Cell(Duration(status.LastMinute.All.P99Seconds)),
                Cell(Number(status.LastMinute.All.StreamsOpen))]));
        yield return Table("Destination|Address|Probes|Circuit|Spool", status.Backends.SelectMany(b => b.Destinations.Select(d =>
            (IEnumerable<Text>)[
                Cell(d.Id), Cell(d.Address ?? "–"), State(d.Active), State(d.Circuit),
                Cell(d.SpoolDepth is { } depth ? Number(depth) : "unknown", d.SpoolDepth > 0 ? Bad : Plain)])));
        yield return Table("Configuration", status.Events.Take(ShownEvents).Select(e =>
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

    private static Table Table(string headings, IEnumerable<IEnumerable<Text>> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var heading in headings.Split('|'))
            table.AddColumn(new TableColumn(new Text(heading, Heading)) { Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows)
            table.AddRow(row);
        return table;
    }

    /// <summary>One line, that drives no terminal.</summary>
    private static Text Cell(string text, Style? style = null) => new(
        TerminalCharacters.Escape(text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace('\t', ' ')), style ?? Plain);

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

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
