using System.Globalization;
using Gateway.Changes;
using Gateway.Configuration;
using Gateway.Rollout;

namespace Gateway.Snapshots;

internal enum ConfigEventKind
{
    /// <summary>The first configuration of this process.</summary>
    Start,

    /// <summary>A saved configuration came into force.</summary>
    Reload,

    /// <summary>A saved configuration cannot be used; the one before stays in force.</summary>
    Refused,
}

/// <param name="Revision">Of the files that it is about.</param>
/// <param name="Text">The whole event in one line.</param>
/// <param name="Changes">What is different from what was in force, each in words.</param>
/// <param name="Problems">Why it was refused; of one that is in force its warnings.</param>
internal sealed record ConfigEvent(
    DateTimeOffset At, ConfigEventKind Kind, string Revision, string Text, IReadOnlyList<string> Changes, IReadOnlyList<string> Problems);

/// <summary>What became of the config folder in this process: the last fifty events, each cut to a length that a page can show.</summary>
internal sealed class ConfigEvents
{
    private const int Kept = 50;
    private const int MostTexts = 50;
    private const int LongestText = 500;
    private const int MostInLine = 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<ConfigEvent> _newestFirst = new();

    public IReadOnlyList<ConfigEvent> NewestFirst
    {
        get
        {
            lock (_lock)
                return [.. _newestFirst];
        }
    }

    /// <returns>The flags with their keys, in words.</returns>
    public string Started(string folder, GatewaySnapshot snapshot)
    {
        var flags = string.Join(", ", snapshot.Flags.Values.OrderBy(f => f.Name, StringComparer.Ordinal).Select(Describe));
        if (flags.Length == 0)
            flags = "no flags";
        Add(snapshot.LoadedAt, ConfigEventKind.Start, snapshot.Revision, $"{folder}: {flags}", [], Texts(snapshot.Warnings));
        return flags;
    }

    /// <returns>What is different, in words.</returns>
    public string Reloaded(GatewaySnapshot was, GatewaySnapshot becomes)
    {
        var changes = was.DescribeChanges(becomes).Select(change => change.Text).ToArray();
        var text = changes.Length == 0 ? "nothing that counts is different" : string.Join(", ", Cut(changes, MostInLine));
        Add(becomes.LoadedAt, ConfigEventKind.Reload, becomes.Revision, text, changes, Texts(becomes.Warnings));
        return text;
    }

    public void Refused(DateTimeOffset at, string revision, string inForce, IReadOnlyList<ConfigFinding> findings) => Add(
        at, ConfigEventKind.Refused, revision,
        string.Create(CultureInfo.InvariantCulture,
            $"refused with {findings.Count} problem{(findings.Count == 1 ? "" : "s")}, {inForce} stays in force"),
        [], Texts(findings));

    private static string Describe(Flag flag) =>
        $"{flag.Name} {(flag.Switch.On ? "on" : "off")} (environment {flag.Switch.EnvironmentValue ?? "unset"}, "
        + $"file {(flag.Switch.FileEnabled is { } enabled ? enabled ? "true" : "false" : "silent")})";

    /// <summary>No more than are kept: a file can have any number, each of any length.</summary>
    private static IReadOnlyList<string> Texts(IReadOnlyList<ConfigFinding> findings) =>
    [
        .. findings.Take(MostTexts).Select(finding => Cut(finding.ToString())),
        .. More(findings.Count - MostTexts),
    ];

    private void Add(
        DateTimeOffset at, ConfigEventKind kind, string revision, string text, IReadOnlyList<string> changes,
        IReadOnlyList<string> problems)
    {
        lock (_lock)
        {
            _newestFirst.AddFirst(new ConfigEvent(at, kind, revision, text, Cut(changes, MostTexts), problems));
            if (_newestFirst.Count > Kept)
                _newestFirst.RemoveLast();
        }
    }

    private static IReadOnlyList<string> Cut(IReadOnlyList<string> texts, int most) =>
        [.. texts.Take(most).Select(Cut), .. More(texts.Count - most)];

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";

    private static string[] More(int count) => count > 0 ? [string.Create(CultureInfo.InvariantCulture, $"and {count} more")] : [];
}
