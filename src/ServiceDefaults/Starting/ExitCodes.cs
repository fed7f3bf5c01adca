namespace ServiceDefaults.Starting;

/// <summary>What both programs and every command end with; docs/contract.md section 9.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The answer is no, the configuration is refused, or nobody was there to ask.</summary>
    public const int Refused = 1;

    /// <summary>The command line says nothing that can be done; nothing was started.</summary>
    public const int WrongUsage = 2;
}
