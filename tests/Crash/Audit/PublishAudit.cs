using Crash.Ledger;
using Crash.Load;

namespace Crash.Audit;

/// <summary>Every acknowledged intent is exactly one row as it was acknowledged, and every row was asked for.</summary>
internal sealed class PublishAudit(Tables tables, PublishLedger ledger, Findings findings)
{
    // created_at is the service's clock when it decided; it is this machine's.
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<string, IntentRow> _byId = tables.Intents.ToDictionary(row => row.Id, StringComparer.Ordinal);
    private readonly HashSet<string> _explained = new(StringComparer.Ordinal);
    private int _acknowledged;
    private int _unclearLanded;
    private int _unclearNotLanded;
    private int _refused;

    public void Run()
    {
        var rows = tables.Intents.ToLookup(row => (row.UserId, row.CalendarId, new Post(row.EntryId, row.Channel)));
        foreach (var publish in ledger.All)
            Check(publish, [.. publish.Posts.SelectMany(post => rows[(publish.User, publish.CalendarId, post)])]);
        foreach (var row in tables.Intents.Where(row => !_explained.Contains(row.Id)))
            findings.Add(Wrong.Unexplained, $"row {row} belongs to no publish");
        findings.Number("rows in publish_intents", tables.Intents.Count);
        findings.Number("acknowledged intents, each a row", _acknowledged);
        findings.Number("publishes that were repeated", ledger.All.Count(publish => publish.Attempts.Count > 1));
        findings.Number("unclear publishes that landed", _unclearLanded);
        findings.Number("unclear publishes that did not", _unclearNotLanded);
        findings.Number("publishes refused every time, without a row", _refused);
    }

    private void Check(Publish publish, IReadOnlyList<IntentRow> rows)
    {
        _explained.UnionWith(rows.Select(row => row.Id));
        var acknowledged = publish.Attempts.Where(attempt => attempt.Reply.IsAcknowledged).ToList();
        var unclear = publish.Attempts.Count(attempt => attempt.Reply.Fate == Fate.Unclear);
        foreach (var attempt in acknowledged)
            CheckAcknowledged(publish, attempt);

        var promised = acknowledged.SelectMany(attempt => attempt.Intents).Select(intent => intent.IntentId)
            .ToHashSet(StringComparer.Ordinal);
        _acknowledged += promised.Count(_byId.ContainsKey);
        if (publish.Key is null)
            CheckRest(publish, [.. rows.Where(row => !promised.Contains(row.Id))], unclear);
        else
            CheckOnce(publish, rows, promised, unclear);
        if (acknowledged.Count == 0 && unclear == 0 && rows.Count == 0)
            _refused++;
    }

    // An attempt that nobody waited for any longer, at a replica that was frozen, say, may still be carried out.
    private static DateTimeOffset LatestOf(Publish publish) =>
        publish.Attempts.Any(attempt => attempt.Reply.Fate == Fate.Unclear)
            ? DateTimeOffset.MaxValue - Rounding
            : publish.Attempts.Max(attempt => attempt.Reply.Received);

    private void CheckAcknowledged(Publish publish, PublishAttempt attempt)
    {
        if (!attempt.Intents.Select(intent => intent.Post).ToHashSet().SetEquals(publish.Posts))
            findings.Add(Wrong.Different, $"{attempt.Reply.RequestId} was answered with other posts than it asked for: {publish}");
        // With a key, any of its attempts may be the one that made the rows; without, only this one.
        var (from, to) = publish.Key is null
            ? (attempt.Reply.Sent, attempt.Reply.Received)
            : (publish.Attempts.Min(each => each.Reply.Sent), LatestOf(publish));
        foreach (var intent in attempt.Intents)
        {
            var row = _byId.GetValueOrDefault(intent.IntentId);
            var isThere = row is not null
                && (row.UserId, row.CalendarId, row.EntryId, row.Channel) == (
                    publish.User, publish.CalendarId, intent.Post.EntryId, intent.Post.Channel);
            if (!isThere)
            {
                findings.Add(Wrong.Lost,
                    $"{intent} of {attempt.Reply.RequestId} {(row is null ? "has no row" : "has another's row: " + row)}: {publish}");
                return; // The rest of the answer went the same way.
            }

            var isAsAnswered = intent.Status == "queued" ? row!.Status is "dry_run_ok" or "failed" : row!.Status == intent.Status;
            var isOfRun = publish.RunId is null || row.RunId == publish.RunId;
            var isInTime = row.CreatedAt >= (from - Rounding).UtcDateTime && row.CreatedAt <= (to + Rounding).UtcDateTime;
            if (!isAsAnswered || !isOfRun || !isInTime)
                findings.Add(Wrong.Different, $"row {row} is not what {attempt.Reply.RequestId} acknowledged as {intent}: {publish}");
        }
    }

    // With a key: one set of intents, whatever was tried how often.
    private void CheckOnce(Publish publish, IReadOnlyList<IntentRow> rows, HashSet<string> promised, int unclear)
    {
        foreach (var twice in rows.GroupBy(row => (row.EntryId, row.Channel)).Where(same => same.Count() > 1))
            findings.Add(Wrong.Doubled, $"{string.Join(" and ", twice)}: {publish}");
        if (promised.Count > publish.Posts.Count)
            findings.Add(Wrong.Doubled, $"{promised.Count} ids were acknowledged for {publish.Posts.Count} posts: {publish}");
        if (promised.Count == 0)
            CheckRest(publish, rows, Math.Min(unclear, 1));
    }

    /// <summary>Rows that nothing acknowledged: as many whole sets as there were unclear attempts, or fewer.</summary>
    private void CheckRest(Publish publish, IReadOnlyList<IntentRow> rows, int unclear)
    {
        var sets = rows.GroupBy(row => row.CreatedAt).ToList();
        foreach (var torn in sets.Where(set => set.Count() != publish.Posts.Count))
            findings.Add(Wrong.Different, $"only {string.Join(" and ", torn)} of a publish of {publish.Posts.Count}: {publish}");
        if (sets.Count > unclear)
        {
            var wrong = publish.Attempts.Any(attempt => attempt.Reply.Fate != Fate.Refused) ? Wrong.Doubled : Wrong.Unexplained;
            findings.Add(wrong, $"{sets.Count} sets of rows, of {unclear} attempts that may have made one: {publish}");
        }

        _unclearLanded += sets.Count;
        _unclearNotLanded += Math.Max(0, unclear - sets.Count);
    }
}
