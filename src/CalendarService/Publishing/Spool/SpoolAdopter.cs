namespace CalendarService.Publishing.Spool;

/// <summary>Takes over what processes that are gone have left. A live one holds its lock and is left alone.</summary>
internal sealed partial class SpoolAdopter(
    SpoolRoot root, SpoolIndex index, SpoolQuarantine quarantine, ILogger<SpoolAdopter> logger) : IDisposable
{
    private readonly List<SpoolFolder> _held = [];
    private readonly HashSet<string> _told = [];

    /// <param name="own">This process's own folder, if it has one.</param>
    public void Adopt(string? own = null)
    {
        foreach (var path in root.Instances().Where(path => path != own && !_held.Exists(folder => folder.Path == path)))
        {
            try
            {
                TakeOver(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The next round tries it again; the other folders wait for none.
                if (_told.Add(path))
                    LogNotAdopted(path, error);
            }
        }
    }

    /// <summary>Gives up the folders in which nothing waits any more.</summary>
    public void LeaveDone()
    {
        SpoolFiles.DeleteDone(index);
        foreach (var folder in _held.Where(folder => !index.IsUsed(folder)).ToList())
        {
            folder.Leave();
            _held.Remove(folder);
        }
    }

    public void Dispose() => _held.ForEach(folder => folder.Dispose());

    private void TakeOver(string path)
    {
        if (SpoolFolder.TryTake(path) is not { } folder)
            return;
        try
        {
            var segments = folder.Segments().Select(segment => Load(new SpoolSegment(folder, segment) { IsSealed = true })).ToList();
            _held.Add(folder);
            foreach (var (segment, records) in segments)
            {
                index.Open(segment);
                records.ForEach(index.Add);
            }

            if (segments.Count > 0)
                LogAdopted(folder.Name, segments.Count, index.Depth);
        }
        catch
        {
            folder.Dispose(); // Nothing of it is known yet: the next round begins again.
            throw;
        }
    }

    private (SpoolSegment Segment, List<SpooledRecord> Records) Load(SpoolSegment segment)
    {
        var bytes = File.ReadAllBytes(segment.Path);
        segment.Bytes = bytes.Length;
        var records = new List<SpooledRecord>();
        foreach (var piece in SpoolFrame.Scan(bytes))
        {
            var part = bytes.AsSpan(piece.Offset, piece.Length);
            if (piece.Kind == SpoolPieceKind.Torn)
                Truncate(segment, piece);
            else if (piece.Kind == SpoolPieceKind.Record && SpoolReader.Parse(part) is { } publish)
                records.Add(new(segment, piece.Offset, piece.Length, publish.Intents.Count, publish.CreatedAt, publish.Key));
            else if (!quarantine.Damaged(segment.Path, piece.Offset, part))
                segment.Waiting++; // Its file has to stay.
        }

        return (segment, records);
    }

    private void Truncate(SpoolSegment segment, SpoolPiece torn)
    {
        using var file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, torn.Offset);
        RandomAccess.FlushToDisk(file);
        segment.Bytes = torn.Offset;
        LogTorn(segment.Path, torn.Length);
    }

    [LoggerMessage(LogLevel.Information, "Took over the spool of {Instance}, which is gone: {Segments} files; {Depth} intents wait")]
    private partial void LogAdopted(string instance, int segments, int depth);

    [LoggerMessage(LogLevel.Error, "The spool folder {Folder} cannot be taken over; trying again")]
    private partial void LogNotAdopted(string folder, Exception error);

    [LoggerMessage(LogLevel.Warning, "{Segment} ended in {Bytes} bytes of a write that never ended; they were acknowledged to nobody")]
    private partial void LogTorn(string segment, int bytes);
}
