using System.Buffers;

namespace Gateway.Wire;

/// <summary>Which <c>Host</c> Kestrel takes, for requests that did not come through it. Empty is one.</summary>
internal static class RequestHost
{
    /// <summary>RFC 3986's, less what Http.Sys does not take either.</summary>
    private static readonly SearchValues<char> Name =
        SearchValues.Create("!$&'()-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Address6 = SearchValues.Create(":.0123456789ABCDEFabcdef");

    public static bool IsLegal(string host)
    {
        if (host.Length == 0)
            return true;
        var end = host[0] == '[' ? host.IndexOf(']', StringComparison.Ordinal) + 1 : host.IndexOf(':', StringComparison.Ordinal);
        var name = end < 0 ? host : host[..end];
        var port = host.AsSpan(name.Length);
        return (name is ['[', .., ']'] ? name.Length > 3 && !name.AsSpan(1..^1).ContainsAnyExcept(Address6)
                : name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Name))
            && (port.IsEmpty || (port.Length > 1 && port[0] == ':' && !port[1..].ContainsAnyExceptInRange('0', '9')));
    }
}
