using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace Gateway.Configuration;

/// <summary>JSON as operators write it: with comments and trailing commas.</summary>
internal static class ConfigJson
{
    private static readonly JsonDocumentOptions Relaxed = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public static bool TryParse(byte[] json, FindingList findings, out JsonDocument document)
    {
        document = null!;
        try
        {
            var text = json.AsMemory();
            if (text.Span.StartsWith("\uFEFF"u8))
                text = text[3..]; // Some editors write a byte order mark; JsonDocument refuses it.
            document = JsonDocument.Parse(text, Relaxed);
            return true;
        }
        catch (JsonException error)
        {
            var where = error.LineNumber is { } line ? $"line {line + 1}, byte {error.BytePositionInLine + 1}" : "somewhere";
            findings.Error("", where, $"valid JSON ({error.Message.Split(" LineNumber", 2)[0]})");
            return false;
        }
    }

    public static bool TryBind(byte[] json, FindingList findings, out IConfiguration? configuration)
    {
        try
        {
            configuration = new ConfigurationBuilder().Add(new JsonStreamConfigurationSource { Stream = new MemoryStream(json) }).Build();
            return true;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            // What JSON allows and configuration does not: the same key twice.
            findings.Error("", "duplicate key", error.Message);
            configuration = null;
            return false;
        }
    }
}
