using System.Globalization;
using CalendarService.Calendars;
using CalendarService.Requests;
using CalendarService.Texts;
using ServiceDefaults.Times;
using ServiceDefaults.Wire;

namespace CalendarService.Export;

/// <summary>
/// A calendar as the file that another tool imports. Such a file is short, so it is made whole before the first byte: it is
/// refused or complete. What the tool's format cannot say is counted, for the answer to tell.
/// </summary>
internal sealed class ProfileFile(ExportProfile profile, string timezone)
{
    private readonly List<string[]> _rows = [];
    private readonly SortedDictionary<string, int> _notes = new(StringComparer.Ordinal);
    private DateTimeOffset _first;

    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>
    /// The zone of the wall clock, and how many entries are not in the file as they are in the calendar, by what was done.
    /// </summary>
    public string Notes => string.Join(", ", _notes.Select(note => $"{note.Key}={note.Value}").Prepend($"timezone={timezone}"));

    /// <exception cref="RefusedException">The tool takes fewer rows.</exception>
    public static async Task<ProfileFile> BuildAsync(
        ExportProfile profile, string timezone, IAsyncEnumerable<ExportRow> rows, CancellationToken cancel)
    {
        var file = new ProfileFile(profile, timezone);
        await foreach (var row in rows.WithCancellation(cancel))
            file.Add(row);
        return file;
    }

    private void Add(ExportRow row)
    {
        // The tool would post it again.
        if (row.Status == StoredEntry.Published)
        {
            Note("published-left-out");
            return;
        }

        // Either tool stops at a row with nothing to post.
        if (row is { Text: "", Link: null, MediaUrls: [] } || (profile == ExportProfile.Hootsuite && row is { Text: "", Link: null }))
        {
            Note("empty-left-out");
            return;
        }

        if (_rows.Count == profile.MostRows)
            throw TooMany(row);
        if (_rows.Count == 0)
            _first = row.ScheduledAt;
        _rows.Add(profile == ExportProfile.Hootsuite ? Hootsuite(row) : Buffer(row));
    }

    private string[] Hootsuite(ExportRow row)
    {
        Note("media-left-out", row.MediaUrls.Count);
        return [Time(row.ScheduledAt), Cell(row.Text), Cell(row.Link ?? "")];
    }

    // It has no column for a link, and one for a single picture.
    private string[] Buffer(ExportRow row)
    {
        Note("media-left-out", row.MediaUrls.Count - 1);
        var text = row.Link is null || WebAddresses.Has(row.Text, row.Link) ? row.Text
            : row.Text.Length == 0 ? row.Link
            : $"{row.Text}\n{row.Link}";
        return [Cell(text), Cell(row.MediaUrls is [var media, ..] ? media : ""), Cell(string.Join(',', row.Tags)), Time(row.ScheduledAt)];
    }

    // Up, never down: nothing is posted before its time.
    private string Time(DateTimeOffset scheduled)
    {
        var step = TimeSpan.FromMinutes(profile.MinuteStep).Ticks;
        var late = scheduled.UtcTicks % step;
        if (late > 0)
            Note("times-moved");
        return Zones.At(scheduled.AddTicks(late > 0 ? step - late : 0), timezone)
            .ToString(profile.TimeFormat, CultureInfo.InvariantCulture);
    }

    private string Cell(string text)
    {
        var cell = CsvCell.MakeInert(text);
        if (cell.Length > text.Length)
            Note("made-inert");
        return cell;
    }

    private void Note(string what, int count = 1)
    {
        if (count > 0)
            _notes[what] = _notes.GetValueOrDefault(what) + count;
    }

    private RefusedException TooMany(ExportRow next)
    {
        var end = next.ScheduledAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        // Without one where so many entries share one time.
        var page = next.ScheduledAt > _first ? $" The first file ends with to={end}, the next begins with from={end}." : "";
        var members = new Dictionary<string, object>(StringComparer.Ordinal) { ["limit"] = profile.MostRows };
        if (page.Length > 0)
            members["to"] = end;
        return new(
            StatusCodes.Status422UnprocessableEntity, "too-many-rows",
            $"{profile.Name} takes {profile.MostRows} posts in a file. Ask for fewer with channel=, from= and to=.{page}")
        {
            Members = members,
        };
    }
}
