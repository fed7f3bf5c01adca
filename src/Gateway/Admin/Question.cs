using Gateway.Exchanges;
using Gateway.Wire;

namespace Gateway.Admin;

/// <summary>A request to explain, as somebody would send it from a trusted peer.</summary>
/// <param name="Path">With its query, as it stands in a request's first line.</param>
/// <param name="User">The value of <c>X-User-Id</c>.</param>
/// <param name="Groups">The value of <c>X-User-Groups</c>.</param>
internal sealed record Question(
    string Method, string Path, string? User, string? Groups, string? Host, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>Null when it is not <c>Name: value</c>.</summary>
    public static (string Name, string Value)? ParseHeader(string line)
    {
        var colon = line.IndexOf(':');
        return colon > 0 && !line.AsSpan(0, colon).ContainsAnyExceptInRange('!', '~')
            ? (line[..colon], line[(colon + 1)..].Trim(' ', '\t'))
            : null;
    }

    /// <summary>Kestrel refuses a request of anything else.</summary>
    public static bool IsMethod(string method) => method.Length > 0 && RequestHead.IsToken(method);

    /// <summary>As the admin listener's <c>/explain</c> takes it.</summary>
    public QueryString ToQuery() => QueryString.Create(((KeyValuePair<string, string?>[])
    [
        new("method", Method), new("path", Path), new("user", User), new("groups", Groups), new("host", Host),
        .. Headers.Select(header => new KeyValuePair<string, string?>("header", $"{header.Name}: {header.Value}")),
    ]).Where(parameter => parameter.Value is not null));

    public HttpContext ToContext()
    {
        var context = new DefaultHttpContext();
        var request = context.Request;
        request.Method = Method;
        request.Protocol = HttpProtocol.Http11;
        request.Scheme = "http";
        request.Host = new HostString(Host ?? "localhost");
        Append(CallerHeaders.User, User);
        Append(CallerHeaders.Groups, Groups);
        foreach (var (name, value) in Headers)
            Append(name, value);
        // Beside one of these Kestrel drops what else the header names.
        if (request.Headers.GetCommaSeparatedValues("Connection").FirstOrDefault(IsAboutConnection) is { } kept)
            request.Headers.Connection = kept;
        return context;

        void Append(string name, string? value)
        {
            if (value is not null)
                request.Headers.Append(name, CallerHeaders.Encode(value));
        }

        static bool IsAboutConnection(string name) => name.ToLowerInvariant() is "close" or "keep-alive" or "upgrade";
    }
}
