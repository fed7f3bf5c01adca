using System.Buffers;

namespace Gateway.Wire;

/// <summary>
/// The target as the client wrote it. Routing reads a decoded path; a backend gets these bytes, because decoding and encoding
/// again is not the identity: <c>%2F</c> would arrive as <c>%252F</c> (yarp#1419), and <c>%3B</c> as <c>;</c>.
/// </summary>
internal static class RequestTarget
{
    /// <summary>In a path without any of these there is only one way to read it.</summary>
    private static readonly SearchValues<char> Notable = SearchValues.Create("%;\\");

    private static readonly SearchValues<char> Printable =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c != '#')]);

    public static string ReadRaw(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    /// <summary>
    /// Path and query of an origin-form or absolute-form target, with its leading slash; empty when it has none, or a user in front of its
    /// host.
    /// </summary>
    public static ReadOnlySpan<char> PathAndQuery(ReadOnlySpan<char> target)
    {
        if (target is ['/', ..])
            return target;
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
            return default;
        var rest = target[(authority + 3)..];
        var path = rest.IndexOf('/');
        return path < 0 || rest[..path].ContainsAny('?', '@') ? default : rest[path..];
    }

    public static ReadOnlySpan<char> PathPart(ReadOnlySpan<char> pathAndQuery)
    {
        var question = pathAndQuery.IndexOf('?');
        return question < 0 ? pathAndQuery : pathAndQuery[..question];
    }

    /// <param name="reading">Set when the path can be read in more than one way and none of them is wrong by itself.</param>
    public static WireFault Check(string target, out LenientReading? reading)
    {
        reading = null;
        // A fragment never travels, and what follows it would be cut off on the way to a backend.
        if (target.AsSpan().ContainsAnyExcept(Printable))
            return WireFault.RequestTarget;
        var pathAndQuery = PathAndQuery(target);
        if (pathAndQuery.IsEmpty)
            return WireFault.RequestTarget;
        var path = PathPart(pathAndQuery);
        var odd = path.ContainsAny(Notable) || path.Contains("//", StringComparison.Ordinal);
        var dots = path.Contains("/.", StringComparison.Ordinal);
        if (!odd && !dots)
            return WireFault.None;
        if (path.Contains('\\'))
            return WireFault.RequestTarget;
        // An absolute target's path has been through System.Uri before routing saw it: only a plain one is beyond doubt.
        if (target[0] != '/')
            return WireFault.AmbiguousPath;

        var fault = LenientReading.TryRead(path, out reading);
        if (fault != WireFault.None || reading is not { HasDotSegments: true })
            return fault;
        // Plain dot segments are resolved before routing, and a backend gets the resolved path. With anything else that may
        // be read in two ways the order of resolving would decide where they lead.
        return odd ? WireFault.AmbiguousPath : WireFault.None;
    }
}
