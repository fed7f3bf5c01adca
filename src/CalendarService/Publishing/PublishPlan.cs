using CalendarService.Calendars;
using CalendarService.Requests;

namespace CalendarService.Publishing;

/// <summary>What a publish comes to: the same decision, whether the calendar was read just now or is remembered.</summary>
/// <param name="RunId">The one of the answer.</param>
internal sealed record PublishPlan(string? RunId, IReadOnlyList<StoredEntry> Entries)
{
    /// <exception cref="RefusedException">It may not be.</exception>
    public static PublishPlan Decide(KnownCalendar calendar, PublishCommand command)
    {
        if (command.RunId is { } runId && calendar.Runs.GetValueOrDefault(runId)?.CalendarId != command.CalendarId)
            throw RefusedException.RunNotFound(runId);

        var entries = Select(command, calendar.Entries.ToDictionary(entry => entry.Entry.EntryId, StringComparer.Ordinal));
        // An empty calendar may be what a run that wrote nothing left: "ok" would say that there was nothing to do.
        var cause = calendar.Entries.Count == 0 ? calendar.Head.LatestRunId : null;
        var partial = entries.Select(entry => entry.RunId).Append(command.RunId).Append(cause).OfType<string>()
            .FirstOrDefault(id => calendar.Runs.GetValueOrDefault(id) is { Partial: true });
        if (partial is not null)
        {
            throw new RefusedException(
                StatusCodes.Status409Conflict, "run-partial",
                $"Run {partial} ended early or still runs; what it generated is incomplete and is not published. "
                + "Generate again and apply the new run.");
        }

        return new(command.RunId ?? calendar.Head.LatestRunId, entries);
    }

    private static IReadOnlyList<StoredEntry> Select(PublishCommand command, Dictionary<string, StoredEntry> live)
    {
        if (command.EntryIds is null)
        {
            return
            [
                .. live.Values.Where(entry => !entry.IsPublished)
                    .OrderBy(entry => entry.Entry.ScheduledAt).ThenBy(entry => entry.Entry.EntryId, StringComparer.Ordinal),
            ];
        }

        var unknown = command.EntryIds.Select((id, index) => (id, index)).Where(e => !live.ContainsKey(e.id)).ToList();
        if (unknown.Count > 0)
        {
            throw new RefusedException(
                StatusCodes.Status400BadRequest, "validation",
                $"The calendar has no entry {string.Join(", ", unknown.Take(10).Select(e => e.id))}.")
            {
                Errors = unknown.Take(100).ToDictionary(e => $"entryIds[{e.index}]", e => new[] { $"no entry {e.id}" }),
            };
        }

        foreach (var entryId in command.EntryIds.Where(id => live[id].IsPublished))
        {
            throw new RefusedException(
                StatusCodes.Status409Conflict, "entry-published", $"Entry {entryId} is published already.");
        }

        return [.. command.EntryIds.Select(id => live[id])];
    }
}
