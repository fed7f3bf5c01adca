using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Crash.Load;

namespace Crash.Ledger;

internal readonly record struct CalendarKey(string User, string CalendarId);

/// <summary>A field that a write gave a value; null deletes the entry. Title, or the text of an entry.</summary>
internal sealed record FieldWrite(string Field, string? Marker)
{
    public const string Title = "title";

    public static FieldWrite Text(string entryId, string? marker) => new("text of " + entryId, marker);
}

/// <param name="Marker">The value that it wrote, which no other write has.</param>
/// <param name="Base">The version that it was made on; 0 for a creation.</param>
internal sealed record EditWrite(CalendarKey Calendar, string Marker, long Base, IReadOnlyList<FieldWrite> Fields, Reply Reply)
{
    /// <summary>The version that it made, or would have made.</summary>
    public long Version => Reply.IsAcknowledged ? Reply.Version!.Value : Base + 1;

    /// <summary>An apply that changed nothing makes no version.</summary>
    public bool MadeNothing => Reply.IsAcknowledged && Reply.Version == Base;

    public override string ToString() => $"{Marker} on version {Base} of {Calendar.User}'s {Calendar.CalendarId} ({Reply})";
}

/// <summary>Every write of a calendar, and every state of one that anybody saw.</summary>
internal sealed partial class EditLedger
{
    private readonly ConcurrentQueue<EditWrite> _writes = [];
    private readonly ConcurrentDictionary<(CalendarKey Calendar, long Version), (string State, string RequestId)> _states = new();
    private readonly ConcurrentQueue<string> _contradictions = [];
    private readonly ConcurrentDictionary<string, string> _seen = new();

    public IReadOnlyCollection<EditWrite> Writes => _writes;

    /// <summary>One ETag, two states.</summary>
    public IReadOnlyCollection<string> Contradictions => _contradictions;

    /// <summary>Markers that anybody read, and the request that did.</summary>
    public IReadOnlyDictionary<string, string> Seen => _seen;

    public int States => _states.Count;

    public void Note(EditWrite write) => _writes.Enqueue(write);

    /// <summary>A whole calendar, as it was answered.</summary>
    public void Saw(CalendarKey calendar, Reply reply)
    {
        if (reply.Version is not { } version)
            return; // Its first run still fills it.
        var state = StateOf(reply.Body);
        foreach (var marker in Markers().EnumerateMatches(state))
            _seen.TryAdd(state.Substring(marker.Index, marker.Length), reply.RequestId);
        var first = _states.GetOrAdd((calendar, version), (state, reply.RequestId));
        if (first.State != state)
            _contradictions.Enqueue(
                $"version {version} of {calendar.User}'s {calendar.CalendarId} is one thing in {first.RequestId} and another in {reply}");
    }

    private static string StateOf(JsonElement calendar) => calendar.GetProperty("title").GetString() + "\n" + string.Join(
        '\n', calendar.GetProperty("entries").EnumerateArray().Select(entry => entry.GetRawText()).Order(StringComparer.Ordinal));

    [GeneratedRegex("w-[0-9]+-[0-9]+")]
    private static partial Regex Markers();
}
