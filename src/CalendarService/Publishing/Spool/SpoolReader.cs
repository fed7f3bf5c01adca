using System.Text.Json;
using CalendarService.Requests;

namespace CalendarService.Publishing.Spool;

/// <summary>Reads what waits.</summary>
internal sealed partial class SpoolReader(SpoolIndex index, SpoolQuarantine quarantine, ILogger<SpoolReader> logger)
{
    /// <summary>The publish that waits under a key, if any.</summary>
    /// <exception cref="RefusedException">It was another request.</exception>
    public QueuedPublish? Find(IdempotencyKey key)
    {
        try
        {
            return index.Find(key) is { } record ? Parse(Bytes(record)) : null;
        }
        catch (IOException)
        {
            return null; // Replayed in this moment: the database has its answer.
        }
    }

    /// <returns>Null when somebody deleted the file, or it was damaged since it was written; it is put aside then.</returns>
    /// <exception cref="IOException">The disk fails; it may not fail the next time.</exception>
    public QueuedPublish? Read(SpooledRecord record)
    {
        byte[] frame;
        try
        {
            frame = Bytes(record);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            LogGone(record.Segment.Path, record.Intents);
            return null;
        }

        if (Parse(frame) is { } publish)
            return publish;
        if (!quarantine.Damaged(record.Segment.Path, record.Offset, frame))
            index.Pin(record);
        return null;
    }

    public static QueuedPublish? Parse(ReadOnlySpan<byte> frame)
    {
        try
        {
            return SpoolFrame.IsWhole(frame) ? QueuedPublish.Parse(frame[SpoolFrame.HeaderBytes..]) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Bytes(SpooledRecord record)
    {
        using var file = File.OpenHandle(
            record.Segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var frame = new byte[record.Length];
        var read = 0;
        while (read < frame.Length && RandomAccess.Read(file, frame.AsSpan(read), record.Offset + read) is > 0 and var more)
            read += more;
        return frame[..read];
    }

    [LoggerMessage(LogLevel.Error, "{Segment} was deleted by somebody else; {Intents} intents are lost with it")]
    private partial void LogGone(string segment, int intents);
}
