using System.Text.Json;
using CalendarService.Intents;
using ServiceDefaults.Files;

namespace CalendarService.Publishing.Spool;

/// <summary>Puts aside, for a person to look at, what can never be replayed. Nothing is thrown away.</summary>
internal sealed partial class SpoolQuarantine(SpoolRoot root, ILogger<SpoolQuarantine> logger)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Bytes that are not, or no longer, a record; under the same name however often they are found.</summary>
    /// <returns>False when the disk does not let us; they have to stay where they are then.</returns>
    public bool Damaged(string segment, long offset, ReadOnlySpan<byte> bytes)
    {
        var instance = Path.GetFileName(Path.GetDirectoryName(segment));
        var file = Path.Combine(root.Damaged, $"{instance}-{Path.GetFileNameWithoutExtension(segment)}-{offset}.bin");
        if (!TryKeep(file, bytes))
            return false;
        LogDamaged(bytes.Length, file);
        return true;
    }

    /// <summary>An intent that the database refuses for what it is.</summary>
    /// <returns>False when the disk does not let us.</returns>
    public bool Poison(Intent intent, string reason, string? sqlState)
    {
        var file = Path.Combine(root.Poison, intent.IntentId + ".json");
        if (!TryKeep(file, JsonSerializer.SerializeToUtf8Bytes(new { reason, intent }, Json)))
            return false;
        LogPoison(intent.IntentId, intent.Channel, sqlState, "poison", file);
        return true;
    }

    private bool TryKeep(string file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            DurableFile.Replace(file, bytes);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNotKept(file, error);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Bytes} damaged bytes of the spool were put aside as {File}")]
    private partial void LogDamaged(int bytes, string file);

    [LoggerMessage(LogLevel.Error, "{File} cannot be written; what belongs there stays in its segment")]
    private partial void LogNotKept(string file, Exception error);

    // Not the database's message: it may quote the post.
    [LoggerMessage(LogLevel.Error, "Intent {IntentId} on {Channel} is refused by the database ({SqlState}): {Status}, put aside as {File}")]
    private partial void LogPoison(string intentId, string channel, string? sqlState, string status, string file);
}
