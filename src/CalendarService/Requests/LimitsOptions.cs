namespace CalendarService.Requests;

/// <summary>Keys under <c>Limits</c>. Sizes are in bytes, lengths in characters as people count them (UAX #29).</summary>
internal sealed class LimitsOptions
{
    /// <summary>A body of generate, patch, diff, apply or publish.</summary>
    public long BodyBytes { get; set; } = 1024 * 1024;

    /// <summary>The body of a save, which is a whole calendar.</summary>
    public long SaveBodyBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The text of one entry.</summary>
    public int TextLength { get; set; } = 10_000;

    /// <summary>The brief of a generation.</summary>
    public int BriefLength { get; set; } = 8_000;

    public int EntriesPerCalendar { get; set; } = 100_000;
}
