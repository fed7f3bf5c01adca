namespace CalendarService.Storage;

/// <summary>Keys under <c>Store</c>; where the database is comes from <c>ConnectionStrings:Calendar</c>.</summary>
internal sealed class StoreOptions
{
    /// <summary>How often the database is looked at, and tried again while it is away.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A database that answers nobody for so long is away.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a request waits for a connection when all are in use, here or at the server.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What a refused client is told in <c>Retry-After</c>.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Keys under <c>ConnectionStrings</c>. They hold passwords: never show one.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>Where the database is; a file in the data folder unless given.</summary>
    public string? Calendar { get; set; }
}
