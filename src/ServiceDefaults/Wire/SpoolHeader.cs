namespace ServiceDefaults.Wire;

/// <summary>
/// On the calendar service's <c>/readyz</c>: how many accepted publishes wait for the database. The gateway probes it anyway, and so knows
/// the spool without asking anything else.
/// </summary>
public static class SpoolHeader
{
    public const string Name = "X-Spool-Depth";
}
