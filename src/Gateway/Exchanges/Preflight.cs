namespace Gateway.Exchanges;

/// <summary>A browser's question before a request of a page from elsewhere (Fetch standard, "CORS-preflight request").</summary>
internal static class Preflight
{
    public static bool IsOne(HttpRequest request) => HttpMethods.IsOptions(request.Method)
        && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;
}
