using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Identity.Jwt;

/// <summary>One JSON object in valid UTF-8, no name twice.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions NoNameTwice = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonDocumentOptions Plain = new() { MaxDepth = 16 };

    public delegate TokenFault Reader<T>(JsonElement root, ref T result);

    public static TokenFault Read<T>(ReadOnlyMemory<byte> json, Reader<T> read, ref T result)
    {
        if (!Utf8.IsValid(json.Span))
            return TokenFault.Malformed;
        try
        {
            using var document = JsonDocument.Parse(json, NoNameTwice);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement, ref result) : TokenFault.Malformed;
        }
        catch (JsonException)
        {
            return IsJson(json) ? TokenFault.DuplicateName : TokenFault.Malformed;
        }
        catch (InvalidOperationException)
        {
            return TokenFault.Malformed; // A string with half a surrogate pair.
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Plain);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
