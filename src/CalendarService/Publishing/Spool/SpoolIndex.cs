using CalendarService.Requests;

namespace CalendarService.Publishing.Spool;

/// <summary>A file of records. It goes when its last record went and nothing is written to it any more.</summary>
internal sealed class SpoolSegment(SpoolFolder folder, string path)
{
    public SpoolFolder Folder => folder;

    public string Path => path;

    public long Bytes { get; set; }

    public int Waiting { get; set; }

    public bool IsSealed { get; set; }
}

/// <summary>Where a publish waits, and what has to be known of it without reading it.</summary>
internal sealed record SpooledRecord(
    SpoolSegment Segment, long Offset, int Length, int Intents, DateTimeOffset CreatedAt, IdempotencyKey? Key);

/// <summary>What waits in the spool, in memory: the order, the sums, and who waits under which key.</summary>
internal sealed class SpoolIndex
{
    private readonly Lock _gate = new();
    private readonly LinkedList<SpooledRecord> _records = [];
    private readonly HashSet<SpoolSegment> _segments = [];
    private readonly Dictionary<(string User, string Scope, string Key), SpooledRecord> _byKey = [];
    private int _depth;

    /// <summary>Intents that wait.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
                return _depth;
        }
    }

    /// <summary>When the oldest was accepted; null when nothing waits.</summary>
    public DateTimeOffset? Oldest
    {
        get
        {
            lock (_gate)
                return _records.First?.Value.CreatedAt;
        }
    }

    public long Bytes
    {
        get
        {
            lock (_gate)
                return _segments.Sum(segment => segment.Bytes);
        }
    }

    public void Open(SpoolSegment segment)
    {
        lock (_gate)
            _segments.Add(segment);
    }

    public void Add(SpooledRecord record)
    {
        lock (_gate)
        {
            _records.AddLast(record);
            _depth += record.Intents;
            record.Segment.Waiting++;
            record.Segment.Bytes = Math.Max(record.Segment.Bytes, record.Offset + record.Length);
            if (record.Key is { } key)
                _byKey.TryAdd((key.UserId, key.Scope, key.Key), record);
        }
    }

    /// <summary>The publish that waits under this key, if any.</summary>
    /// <exception cref="RefusedException">It was another request.</exception>
    public SpooledRecord? Find(IdempotencyKey key)
    {
        lock (_gate)
        {
            var known = _byKey.GetValueOrDefault((key.UserId, key.Scope, key.Key));
            if (known is not null && known.Key!.RequestHash != key.RequestHash)
                throw RefusedException.KeyReused();
            return known;
        }
    }

    /// <summary>The next ones to replay: at least one if any waits.</summary>
    public IReadOnlyList<SpooledRecord> Next(int intents)
    {
        var next = new List<SpooledRecord>();
        lock (_gate)
        {
            foreach (var record in _records)
            {
                if (next.Count > 0 && record.Intents > intents)
                    break;
                next.Add(record);
                intents -= Math.Max(1, record.Intents);
            }
        }

        return next;
    }

    /// <summary>It has its rows, or was put aside.</summary>
    public void Remove(SpooledRecord record) => Remove(record, 1);

    /// <summary>It can neither be replayed nor put aside: nobody waits for it any more, but its file stays for the next process.</summary>
    public void Pin(SpooledRecord record) => Remove(record, 0);

    private void Remove(SpooledRecord record, int done)
    {
        lock (_gate)
        {
            if (!_records.Remove(record))
                return;
            _depth -= record.Intents;
            record.Segment.Waiting -= done;
            if (record.Key is { } key && ReferenceEquals(_byKey.GetValueOrDefault((key.UserId, key.Scope, key.Key)), record))
                _byKey.Remove((key.UserId, key.Scope, key.Key));
        }
    }

    public void Seal(SpoolSegment segment)
    {
        lock (_gate)
            segment.IsSealed = true;
    }

    /// <summary>Takes out the files that nobody needs any more; the caller deletes them.</summary>
    public IReadOnlyList<SpoolSegment> TakeDone()
    {
        lock (_gate)
        {
            SpoolSegment[] done = [.. _segments.Where(segment => segment is { IsSealed: true, Waiting: 0 })];
            _segments.ExceptWith(done);
            return done;
        }
    }

    public bool IsUsed(SpoolFolder folder)
    {
        lock (_gate)
            return _segments.Any(segment => segment.Folder == folder);
    }
}
