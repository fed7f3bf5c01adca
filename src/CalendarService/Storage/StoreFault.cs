namespace CalendarService.Storage;

/// <summary>What a failure of the database means to everybody else.</summary>
internal enum StoreFault
{
    /// <summary>
    /// It is there and refused this statement for what it is: a row at fault, or a bug of ours. The caller gets the exception.
    /// </summary>
    None,

    /// <summary>Nobody gets anything: the circuit opens.</summary>
    Away,

    /// <summary>Nobody can write; the circuit opens for writes, and reads go on.</summary>
    WritesAway,

    /// <summary>Busy, or in trouble with this request alone: it is refused, nothing of it was done, and everybody else goes on.</summary>
    NotNow,

    /// <summary>Undone for a reason that lies outside of it: run it again, from its beginning.</summary>
    Again,
}
