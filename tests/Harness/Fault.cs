namespace Harness;

public enum FaultKind
{
    None,

    /// <summary>Nobody listens.</summary>
    Refuse,

    /// <summary>The port is there and its queue is full: a connection attempt neither succeeds nor fails.</summary>
    NotAccept,

    /// <summary>The request is delivered, and the rest of the answer never comes.</summary>
    BlackHole,

    /// <summary>The rest of the answer comes late.</summary>
    Delay,

    /// <summary>The rest of the answer comes a few bytes at a time.</summary>
    Throttle,

    /// <summary>The rest of the answer comes in packets of one byte.</summary>
    Slice,

    /// <summary>The connection is reset (RST).</summary>
    Reset,

    /// <summary>The connection ends in order (FIN), too early.</summary>
    Truncate,

    /// <summary>Bytes that are not HTTP come instead of the rest, then the end.</summary>
    Garbage,

    /// <summary>A 413 comes as soon as the request does, and the connection is closed with the request unread. HTTP/1.1 only.</summary>
    EarlyAnswer,
}

/// <summary>What a <see cref="FaultProxy"/> does to an answer.</summary>
/// <param name="Skip">Bytes of the answer that pass before the fault strikes.</param>
/// <param name="AtHead">They are counted from the answer's head; otherwise from whatever comes next.</param>
public sealed record Fault(FaultKind Kind, int Skip = 0, bool AtHead = true)
{
    public static readonly Fault None = new(FaultKind.None);

    /// <summary>How late a delayed answer is.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(60);

    internal bool IsAboutConnecting => Kind is FaultKind.Refuse or FaultKind.NotAccept;
}
