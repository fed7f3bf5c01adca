using System.Runtime.CompilerServices;
using CalendarService.Calendars;
using CalendarService.Intents;
using CalendarService.Requests;
using CalendarService.Storage;

namespace CalendarService.Export;

/// <summary>
/// Reads a calendar piece by piece, so that its size does not matter. Between two pieces no connection is held: a client that
/// reads slowly keeps nobody from the database.
/// </summary>
internal sealed class ExportReader(Database database, CalendarStore calendars, IntentStore intents)
{
    private const int Piece = 500;

    // As far as a zone's rules can move an entry away from the moment that was stored with it.
    private static readonly TimeSpan RulesMayMove = TimeSpan.FromDays(1);

    public Task<CalendarHead> HeadAsync(string userId, string calendarId, CancellationToken cancel) => database.ReadAsync(
        async connection => await calendars.HeadAsync(connection, userId, calendarId)
            ?? throw await CalendarStore.ExplainMissingAsync(connection, calendarId),
        cancel);

    /// <exception cref="CalendarChangedException">It was saved meanwhile: what follows would be of another version.</exception>
    public async IAsyncEnumerable<ExportRow> RowsAsync(
        CalendarHead head, ExportScope scope, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (place, nothingYet) = ((Time: scope.From - RulesMayMove, EntryId: ""), true);
        while (true)
        {
            // A pooled connection is given out without a look at the token, and what is written to a client that left is thrown away
            // in silence: without this, a calendar would be read to its end for nobody.
            cancel.ThrowIfCancellationRequested();
            var after = place;
            var (piece, end) = await database.ReadAsync(
                async connection =>
                {
                    var (entries, last) = await calendars.PieceAsync(
                        connection, head.UserId, head.CalendarId, after, scope.Before + RulesMayMove, Piece);
                    var latest = await intents.LatestAsync(
                        connection, head.UserId, head.CalendarId, [.. entries.Select(stored => stored.Entry.EntryId)]);
                    if (await calendars.VersionAsync(connection, head.UserId, head.CalendarId) != head.Version)
                        throw new CalendarChangedException(nothingYet);
                    return (entries.Select(stored => Row(head, stored, [.. latest[stored.Entry.EntryId]])).ToList(), last);
                },
                cancel);
            foreach (var row in piece.Where(scope.Takes))
            {
                nothingYet = false;
                yield return row;
            }

            if (piece.Count < Piece)
                yield break;
            place = end;
        }
    }

    private static ExportRow Row(CalendarHead head, StoredEntry stored, IReadOnlyList<LatestIntent> latest)
    {
        var entry = stored.Entry;
        var errors = latest.Where(intent => intent.Error is not null).OrderBy(intent => intent.Channel, StringComparer.Ordinal)
            .Select(intent => $"{intent.Channel}: {intent.Error}");
        return new(
            entry.EntryId, head.CalendarId, stored.RunId, entry.ScheduledAt, entry.Timezone, entry.Channels, entry.Status,
            latest.OrderBy(intent => intent.Channel, StringComparer.Ordinal)
                .ToDictionary(intent => intent.Channel, intent => intent.Status, StringComparer.Ordinal),
            entry.Text, entry.Link, entry.MediaUrls, entry.Tags, latest.Any(i => i.Error is not null) ? string.Join("; ", errors) : null,
            entry.EditedFields, entry.Version);
    }
}

/// <param name="nothingYet">No row was given out, so that the caller can begin again.</param>
internal sealed class CalendarChangedException(bool nothingYet) : Exception("The calendar was saved while it was exported.")
{
    public bool NothingYet { get; } = nothingYet;
}
