namespace CalendarService.Publishing.Spool;

/// <summary>Keys under <c>Spool</c>; where it is follows from <c>CALENDAR_DATA_DIR</c>.</summary>
internal sealed class SpoolOptions
{
    /// <summary>Bytes on disk, of this process and of the dead ones it took over; beyond, a publish is refused.</summary>
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Intents a second into a database that is back: it has enough to do.</summary>
    public int DrainRate { get; set; } = 5_000;

    /// <summary>Between two looks at whether the data folder takes files.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(5);
}
