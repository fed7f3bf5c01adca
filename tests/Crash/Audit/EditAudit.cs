using Crash.Ledger;
using Crash.Load;

namespace Crash.Audit;

/// <summary>
/// Every version of a calendar was made by one write, and what stands at the end in each field is what the last write of that field wrote:
/// the last acknowledged one, or an unclear one after it.
/// </summary>
internal sealed class EditAudit(Tables tables, EditLedger ledger, Findings findings)
{
    private readonly Dictionary<string,
        EditWrite> _byMarker = ledger.Writes.ToDictionary(write => write.Marker + write.Reply.RequestId, StringComparer.Ordinal);
    private int _acknowledged;
    private int _unclearLanded;
    private int _unclear;
    private int _fields;

    public void Run()
    {
        var heads = tables.Calendars.ToDictionary(row => new CalendarKey(row.UserId, row.Id));
        var entries = tables.LiveEntries.ToLookup(row => new CalendarKey(row.UserId, row.CalendarId));
        foreach (var calendar in _byMarker.Values.GroupBy(write => write.Calendar))
        {
            List<EditWrite> writes = [.. calendar];
            var head = heads.GetValueOrDefault(calendar.Key);
            var acknowledged = writes.Where(write => write.Reply.IsAcknowledged).ToList();
            _acknowledged += acknowledged.Count;
            _unclear += writes.Count(write => write.Reply.Fate == Fate.Unclear);
            if (head is null)
            {
                acknowledged.ForEach(write => findings.Add(Wrong.Lost, $"the calendar is not there, though it was acknowledged: {write}"));
                continue;
            }

            CheckVersions(head.Version, writes);
            CheckFields(head, entries[calendar.Key].ToDictionary(entry => entry.Id, StringComparer.Ordinal), writes);
        }

        CheckRefused();
        foreach (var contradiction in ledger.Contradictions)
            findings.Add(Wrong.Different, contradiction);
        findings.Number("acknowledged writes of calendars", _acknowledged);
        findings.Number("unclear writes of calendars", _unclear);
        findings.Number("versions made by an unclear write", _unclearLanded);
        findings.Number("fields compared with their last write", _fields);
        findings.Number("states seen, one an ETag", ledger.States);
    }

    private void CheckVersions(long last, List<EditWrite> writes)
    {
        var made = writes.Where(write => write.Reply.IsAcknowledged && !write.MadeNothing).ToLookup(write => write.Version);
        foreach (var write in made.SelectMany(same => same).Where(write => write.Version != write.Base + 1 || write.Version > last))
            findings.Add(Wrong.Lost, $"made version {write.Version}, and the calendar is at {last}: {write}");
        for (var version = 1L; version <= last; version++)
        {
            if (made[version].Skip(1).Any())
                findings.Add(Wrong.Doubled, $"version {version} was acknowledged to two: {string.Join(" and ", made[version])}");
            if (made[version].Any())
                continue;
            if (MayHaveMade(writes, version))
                _unclearLanded++;
            else
                findings.Add(Wrong.Unexplained, $"nothing explains version {version} of {writes[0].Calendar}");
        }
    }

    private static bool MayHaveMade(List<EditWrite> writes, long version) =>
        writes.Exists(write => write.Reply.Fate == Fate.Unclear && write.Version == version);

    private void CheckFields(CalendarRow head, Dictionary<string, EntryRow> entries, List<EditWrite> writes)
    {
        var taken = writes.Where(write => write.Reply.IsAcknowledged && !write.MadeNothing).Select(write => write.Version).ToHashSet();
        foreach (var field in writes.SelectMany(write => write.Fields).Select(write => write.Field).Distinct())
        {
            var entry = field == FieldWrite.Title ? null : entries.GetValueOrDefault(field["text of ".Length..]);
            var value = field == FieldWrite.Title ? head.Title : entry?.Text;
            var ofField = writes.Where(write => write.Fields.Any(each => each.Field == field)).ToList();
            var latest = ofField.Where(write => write.Reply.IsAcknowledged).Select(write => write.Version).DefaultIfEmpty(0).Max();
            var isExplained = ofField.Exists(write =>
                write.Fields.Any(each => each.Field == field && each.Marker == value)
                && (write.Reply.IsAcknowledged
                    ? write.Version == latest
                    : write.Reply.Fate == Fate.Unclear && write.Version > latest && write.Version <= head.Version
                    && !taken.Contains(write.Version)));
            _fields++;
            if (latest > 0 && !isExplained)
                findings.Add(Wrong.Lost, Describe(field, value, latest, ofField));
            if (isExplained && entry is not null && !entry.EditedFields.Contains("\"text\"", StringComparison.Ordinal))
                findings.Add(Wrong.Different, $"the {field} of {writes[0].Calendar} was written by hand and is not marked as manual");
        }
    }

    // A marker of a write that was refused must never have been read by anybody.
    private void CheckRefused()
    {
        foreach (var write in _byMarker.Values.Where(write => write.Reply.Fate == Fate.Refused && ledger.Seen.ContainsKey(write.Marker)))
            findings.Add(Wrong.Unexplained, $"was refused, and read in {ledger.Seen[write.Marker]}: {write}");
    }

    private static string Describe(string field, string? value, long latest, List<EditWrite> writes) =>
        $"the {field} of {writes[0].Calendar} is {value ?? "(deleted)"}; the last acknowledged write of it made version {latest}: "
        + string.Join("; ", writes.OrderByDescending(write => write.Version).Take(6));
}
