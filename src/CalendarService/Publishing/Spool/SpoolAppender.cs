using Microsoft.Win32.SafeHandles;
using ServiceDefaults.Files;

namespace CalendarService.Publishing.Spool;

internal enum SpoolOutcome
{
    /// <summary>On disk.</summary>
    Kept,

    /// <summary>A publish with the same key waits already; this one was not written.</summary>
    Waiting,

    /// <summary>Certainly not on disk.</summary>
    Refused,

    /// <summary>The disk failed in a way that leaves both possible.</summary>
    Unknown,
}

/// <summary>The files that this process writes, one at a time, in a folder of its own. For one caller at a time.</summary>
internal sealed partial class SpoolAppender(SpoolRoot root, SpoolIndex index, ILogger<SpoolAppender> logger)
{
    private const long SegmentBytes = 16 << 20;

    private volatile SpoolFolder? _folder;
    private SpoolSegment? _segment;
    private SafeFileHandle? _file;

    /// <summary>Where it writes, once it has written.</summary>
    public string? Folder => _folder?.Path;

    /// <summary>Writes them all with one fsync, or none.</summary>
    public SpoolOutcome Append(IReadOnlyList<(QueuedPublish Publish, byte[] Frame)> batch)
    {
        try
        {
            Open();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogFailed(error);
            return SpoolOutcome.Refused;
        }

        var end = _segment!.Bytes;
        try
        {
            RandomAccess.Write(_file!, [.. batch.Select(one => (ReadOnlyMemory<byte>)one.Frame)], end);
            RandomAccess.FlushToDisk(_file!);
        }
        catch (Exception error)
        {
            // Whatever it is (a file size limit is an ArgumentOutOfRangeException), a part may be written.
            LogFailed(error);
            var undone = Undo(end);
            Seal(); // After a failed fsync nothing more can be known of this file.
            return undone ? SpoolOutcome.Refused : SpoolOutcome.Unknown;
        }

        foreach (var (publish, frame) in batch)
        {
            index.Add(new(_segment, end, frame.Length, publish.Intents.Count, publish.CreatedAt, publish.Key));
            end += frame.Length;
        }

        if (end >= SegmentBytes)
            Seal();
        return SpoolOutcome.Kept;
    }

    private void Open()
    {
        if (_file is not null)
            return;
        if (_folder is not null && !Directory.Exists(_folder.Path))
            _folder = null; // Somebody removed it, so the lock that we hold protects nothing.
        _folder ??= SpoolFolder.CreateNew(root);
        var path = _folder.NextSegment();
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            DurableFile.FlushFolder(_folder.Path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        (_segment, _file) = (new SpoolSegment(_folder, path), file);
        index.Open(_segment);
    }

    private bool Undo(long end)
    {
        try
        {
            RandomAccess.SetLength(_file!, end);
            RandomAccess.FlushToDisk(_file!);
            return true;
        }
        catch (Exception error)
        {
            LogFailed(error);
            return false;
        }
    }

    /// <summary>Ends the current file, so that it can go once all of it is replayed.</summary>
    public void Seal()
    {
        if (_segment is null)
            return;
        _file!.Dispose();
        index.Seal(_segment);
        (_segment, _file) = (null, null);
    }

    /// <summary>What still waits stays for whoever takes the folder over.</summary>
    public void Leave()
    {
        Seal();
        SpoolFiles.DeleteDone(index);
        _folder?.Leave();
    }

    [LoggerMessage(LogLevel.Error, "The spool cannot be written")]
    private partial void LogFailed(Exception error);
}
