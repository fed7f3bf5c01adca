namespace CalendarService.Storage;

/// <summary>Keys under <c>Store</c>; where the database is comes from <c>ConnectionStrings:Calendar</c>.</summary>
internal sealed class StoreOptions
{
    /// <summary>How often a database that is away is tried again.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a request waits for one of the connections when all are in use.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What a refused client is told in <c>Retry-After</c>.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}
