using ServiceDefaults.Options;

namespace CalendarService.Generation.Writers;

internal enum WriterKind
{
    BuiltIn,
    OpenAI,
}

/// <summary>Keys under <c>Writer</c>.</summary>
internal sealed class WriterOptions
{
    public const string Section = "Writer";

    private static readonly TimeSpan MaxPace = TimeSpan.FromMinutes(1);

    public WriterKind Kind { get; set; }

    public BuiltInOptions BuiltIn { get; set; } = new();

    public OpenAIOptions OpenAI { get; set; } = new();

    public static void Check(WriterOptions o, OptionFaults faults)
    {
        faults.Require(Enum.IsDefined(o.Kind), "Kind", $"{o.Kind}", string.Join(" or ", Enum.GetNames<WriterKind>()));
        faults.Within("BuiltIn:Pace", o.BuiltIn.Pace, TimeSpan.Zero, MaxPace);
        OpenAIOptions.Check(o.OpenAI, used: o.Kind == WriterKind.OpenAI, faults);
    }
}

/// <summary>Keys under <c>Writer:BuiltIn</c>.</summary>
internal sealed class BuiltInOptions
{
    /// <summary>Between two posts; raise it to watch a stream.</summary>
    public TimeSpan Pace { get; set; } = TimeSpan.FromMilliseconds(5);
}
