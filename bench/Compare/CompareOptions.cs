using System.Globalization;

namespace CompareBench;

/// <summary>How long what is measured.</summary>
internal sealed record Pace(int Rounds, TimeSpan Round, TimeSpan WarmUp);

internal sealed class CompareOptions
{
    public const string Usage = """
        bench/compare [OPTION…] [CASE…]
          --quick            short rounds: to try the script, not to measure
          --also CHECKOUT    another checkout's gateway too, so that before and after run in turns; may be repeated
          --only NAMES       of bare, nginx, haproxy and gateway, with commas; --also stays
          --rounds N         of each candidate (5)
          --seconds N        of a round (8)
          --warm-up N        seconds of load before a case measures a candidate (25)
          --streams N        event streams of the case sse (2000)
          --output DIR       where compare.md and compare.svg go; bench/results if all cases run and not --quick, else nowhere
        Without a CASE all of them:
        """;

    private static readonly string[] Names = ["bare", "nginx", "haproxy", "gateway"];

    public bool Quick { get; private set; }

    public List<string> Also { get; } = [];

    public IReadOnlyList<string> Only { get; private set; } = Names;

    public Pace Pace { get; private set; } = new(5, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(25));

    public int Streams { get; private set; } = 2000;

    public int Starts { get; private set; } = 10;

    private string? Output { get; set; }

    public List<string> Cases { get; } = [];

    /// <returns>The folder for the files of the run; null when it is for the terminal only.</returns>
    public string? FindOutput(bool allCases) => Output ?? (allCases && !Quick ? Path.GetFullPath("bench/results") : null);

    /// <exception cref="FormatException">An argument is none, or lacks its value.</exception>
    public static CompareOptions Parse(string[] arguments)
    {
        var options = new CompareOptions();
        var rest = new Queue<string>(arguments);
        if (arguments.Contains("--quick"))
            options.BeQuick();
        while (rest.TryDequeue(out var argument))
            options.Take(argument, rest);
        return options;
    }

    private void BeQuick()
    {
        Quick = true;
        Pace = new(2, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        (Streams, Starts) = (200, 3);
    }

    private void Take(string argument, Queue<string> rest)
    {
        string Value() => rest.TryDequeue(out var value) ? value : throw new FormatException($"{argument} lacks its value");
        int Number() => int.TryParse(Value(), CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"{argument} takes a number");

        switch (argument)
        {
            case "--quick":
                break;
            case "--also":
                Also.Add(Path.GetFullPath(Value()));
                break;
            case "--only":
                Only = Value().Split(',', StringSplitOptions.TrimEntries);
                if (Only.Except(Names, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
                    throw new FormatException($"{unknown} is no candidate");
                break;
            case "--rounds":
                Pace = Pace with { Rounds = Number() };
                break;
            case "--seconds":
                Pace = Pace with { Round = TimeSpan.FromSeconds(Number()) };
                break;
            case "--warm-up":
                Pace = Pace with { WarmUp = TimeSpan.FromSeconds(Number()) };
                break;
            case "--streams":
                Streams = Number();
                break;
            case "--output":
                Output = Path.GetFullPath(Value());
                break;
            default:
                Cases.Add(argument.StartsWith('-') ? throw new FormatException($"{argument} is no option") : argument);
                break;
        }
    }
}
