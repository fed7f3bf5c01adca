using System.Globalization;
using ServiceDefaults.Logging;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gateway.CommandLine;

/// <summary>What the screens for people are made of. Every text in them is somebody's, so none is markup.</summary>
internal static class Screen
{
    public static readonly Style Plain = Style.Plain;
    public static readonly Style Good = new(Color.Green);
    public static readonly Style Bad = new(Color.Red);
    public static readonly Style Attention = new(Color.Yellow);
    public static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <summary>The parts below one another, with an empty line behind each.</summary>
    public static string Render(IEnumerable<IRenderable> parts, Terminal terminal)
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
        foreach (var part in parts)
        {
            console.Write(part);
            console.WriteLine();
        }

        // A table pads its last column.
        return string.Concat(text.ToString().Split('\n').SkipLast(1).Select(line => line.TrimEnd() + "\n"));
    }

    /// <param name="headings">With | between them.</param>
    public static Table ToTable(string headings, IEnumerable<IEnumerable<Text>> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var heading in headings.Split('|'))
            table.AddColumn(new TableColumn(new Text(heading, Heading)) { Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows)
            table.AddRow(row);
        return table;
    }

    /// <summary>One line, that drives no terminal.</summary>
    public static Text Cell(string text, Style? style = null) => new(
        TerminalCharacters.Escape(text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace('\t', ' ')), style ?? Plain);

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
