using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace CalendarService.Requests;

/// <summary>Reads a request's body as one JSON object, or refuses it with the reason.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <exception cref="RefusedException">Another media type, too large, not JSON, or not an object.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context, long limit, params string[] otherMediaTypes)
    {
        var request = context.Request;
        var mediaType = request.ContentType?.Split(';')[0].Trim();
        if (!request.HasJsonContentType() && !otherMediaTypes.Contains(mediaType, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type",
                $"Send {string.Join(" or ", ["application/json", .. otherMediaTypes])}.");
        }

        if (request.ContentLength > limit)
            throw TooLarge(limit);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;

        try
        {
            var document = await JsonDocument.ParseAsync(request.Body, Strict, context.RequestAborted);
            if (document.RootElement.ValueKind == JsonValueKind.Object && Utf8.IsValid(JsonMarshal.GetRawUtf8Value(document.RootElement)))
                return document;
            var kind = document.RootElement.ValueKind;
            document.Dispose();
            throw Malformed("$", kind == JsonValueKind.Object ? "is not UTF-8" : "has to be a JSON object");
        }
        catch (JsonException error)
        {
            throw Malformed(error.Path ?? "$", error.LineNumber is { } line
                ? $"line {line + 1}, byte {error.BytePositionInLine + 1}: not valid JSON"
                : "an object has a property twice");
        }
        catch (InvalidOperationException)
        {
            throw Malformed("$", "the name of a property is not text"); // Half of a surrogate pair: the search for doubles stumbles on it.
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(limit);
        }
    }

    private static RefusedException TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge, "payload-too-large", $"The body may have {limit} bytes.");

    private static RefusedException Malformed(string path, string fault) => new(
        StatusCodes.Status400BadRequest, "malformed-json", $"{path}: {fault}")
    {
        Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [path] = [fault] },
    };
}
