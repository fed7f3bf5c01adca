using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace CalendarService.Requests;

/// <summary>Reads a request's body as one JSON object, or refuses it with the reason.</summary>
internal static class JsonBody
{
    private const int MostDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MostDepth, AllowDuplicateProperties = false };

    /// <exception cref="RefusedException">Another media type, too large, not JSON, or not an object.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context, long limit, params string[] otherMediaTypes)
    {
        var request = context.Request;
        BodyType.Require(context, otherMediaTypes);
        if (request.ContentLength > limit)
            throw TooLarge(limit);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;

        try
        {
            var document = await JsonDocument.ParseAsync(request.Body, Strict, context.RequestAborted);
            var isObject = document.RootElement.ValueKind == JsonValueKind.Object;
            if (isObject && Utf8.IsValid(JsonMarshal.GetRawUtf8Value(document.RootElement)))
                return document;
            var path = isObject ? JsonPath.FindNotUtf8(document.RootElement) : "$";
            document.Dispose();
            throw Malformed(path, isObject ? "is not UTF-8" : "has to be a JSON object");
        }
        catch (JsonException error)
        {
            throw Malformed(error.Path ?? "$", error.LineNumber is not { } line ? "an object has a property twice"
                : error.Message.Contains("depth", StringComparison.Ordinal) ? $"nested deeper than {MostDepth}"
                : $"line {line + 1}, byte {error.BytePositionInLine + 1}: not valid JSON");
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
