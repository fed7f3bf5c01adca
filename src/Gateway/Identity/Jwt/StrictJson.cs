using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Identity.Jwt;

/// <summary>One JSON object in valid UTF-8, no name twice.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions NoNameTwice = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonDocumentOptions Plain = new() { MaxDepth = 16 };

    /// <param name="json">Stays as it is for as long as the document is read.</param>
    /// <returns>Null when the document is there.</returns>
    public static TokenFault? TryParse(ReadOnlyMemory<byte> json, out JsonDocument? document)
    {
        document = null;
        if (!Utf8.IsValid(json.Span))
            return TokenFault.Malformed;
        try
        {
            document = JsonDocument.Parse(json, NoNameTwice);
        }
        catch (JsonException)
        {
            return IsJson(json) ? TokenFault.DuplicateName : TokenFault.Malformed;
        }

        return document.RootElement.ValueKind == JsonValueKind.Object ? null : TokenFault.Malformed;
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
