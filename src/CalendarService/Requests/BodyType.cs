using Microsoft.Net.Http.Headers;

namespace CalendarService.Requests;

/// <summary>What a body says that it is. Only JSON in UTF-8, as it is, is read; anything else is told so.</summary>
internal static class BodyType
{
    /// <exception cref="RefusedException">415.</exception>
    public static void Require(HttpContext context, IReadOnlyCollection<string> otherMediaTypes)
    {
        var request = context.Request;
        var known = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (request.HasJsonContentType() || otherMediaTypes.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase));
        if (!known)
            throw Unsupported($"Send {string.Join(" or ", ["application/json", .. otherMediaTypes])}.");
        if (HeaderUtilities.RemoveQuotes(type!.Charset).ToString().ToLowerInvariant() is not ("" or "utf-8" or "utf8" or "us-ascii"))
            throw Unsupported("The body has to be in UTF-8, whatever its charset says.");
        if (request.Headers.ContentEncoding.ToString().Split(',').Any(coding => coding.Trim() is not "" && !IsIdentity(coding)))
            throw Unsupported("Send the body as it is, without a Content-Encoding.", (HeaderNames.AcceptEncoding, "identity"));
    }

    private static bool IsIdentity(string coding) => coding.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase);

    private static RefusedException Unsupported(string detail, params (string Name, string Value)[] headers) => new(
        StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", detail)
    {
        Headers = headers,
    };
}
