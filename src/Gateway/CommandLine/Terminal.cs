using System.Globalization;

namespace Gateway.CommandLine;

/// <summary>What a screen is drawn on: a terminal, or a file that gets one screen after the other.</summary>
/// <param name="IsTerminal">Whether the cursor can be moved.</param>
/// <param name="HasColors">A terminal whose owner did not set <c>NO_COLOR</c>.</param>
/// <param name="Height">Lines that fit.</param>
internal sealed record Terminal(bool IsTerminal, bool HasColors, int Width, int Height)
{
    /// <summary>Enough for a table's lines to stay whole, which is what programs that read them want.</summary>
    private const int WidthOfFiles = 200;

    private const int UsualWidth = 80;

    private const string Home = "\e[H";
    private const string ClearLine = "\e[K";
    private const string ClearRest = "\e[J";
    private const string HideCursor = "\e[?25l";
    private const string ShowCursor = "\e[?25h";

    public static Terminal Find(TextWriter output)
    {
        var columns = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), CultureInfo.InvariantCulture, out var set) && set > 0
            ? set : (int?)null;
        if (!ReferenceEquals(output, Console.Out) || Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb")
            return new(false, false, columns ?? WidthOfFiles, int.MaxValue);
        var width = Console.WindowWidth is > 0 and var window ? window : columns ?? UsualWidth;
        return new(
            true, string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")), width,
            Console.WindowHeight is > 2 and var lines ? lines : int.MaxValue);
    }

    /// <summary>Over what stands there; a screen that is higher than the terminal is cut, or it would scroll away.</summary>
    public void Draw(TextWriter output, string screen)
    {
        if (!IsTerminal)
        {
            output.WriteLine(screen);
            output.Flush();
            return;
        }

        var lines = screen.TrimEnd('\n').Split('\n');
        var shown = lines.Length < Height ? lines : [.. lines.Take(Height - 2), $"… {lines.Length - Height + 2} more lines"];
        output.Write(HideCursor + Home + string.Concat(shown.Select(line => line.TrimEnd('\r') + ClearLine + "\n")) + ClearRest);
        output.Flush();
    }

    public void Leave(TextWriter output)
    {
        if (IsTerminal)
            output.Write(ShowCursor);
        output.Flush();
    }
}
