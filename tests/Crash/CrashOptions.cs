namespace Crash;

/// <param name="Program">The calendar service's dll.</param>
/// <param name="Folder">For data folders and logs; the caller's to remove.</param>
/// <param name="Duration">Of load and faults; mending and comparing come on top.</param>
internal sealed record CrashOptions(string Program, string Folder, int Seed, TimeSpan Duration)
{
    public int Replicas { get; init; } = 2;

    public int Clients { get; init; } = 12;

    /// <summary>Told what happens, a line a time.</summary>
    public Action<string> Tell { get; init; } = _ => { };
}
