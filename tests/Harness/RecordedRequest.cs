using Microsoft.AspNetCore.Http;

namespace Harness;

/// <summary>One request as a stub backend saw it.</summary>
/// <param name="Target">Path and query, as they stood on the wire.</param>
public sealed record RecordedRequest(
    string Method, string Target, string Protocol, IReadOnlyDictionary<string, string[]> Headers, byte[] Body)
{
    public string BodyText => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>The header's only value; null when it is absent or stands there more than once.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) && values.Length == 1 ? values[0] : null;

    internal static RecordedRequest Of(HttpContext context, string target, byte[] body) => new(
        context.Request.Method, target, context.Request.Protocol,
        context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToArray()!, StringComparer.OrdinalIgnoreCase)!, body);
}
