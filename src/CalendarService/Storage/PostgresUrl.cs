using System.Text.RegularExpressions;

namespace CalendarService.Storage;

/// <summary>
/// libpq's URL form, <c>postgresql://user:password@host:port/database?sslmode=require</c>. Read by hand because passwords get pasted in
/// with <c>@</c>, <c>#</c>, <c>?</c> or <c>/</c> left as they are, which <see cref="Uri"/> refuses or cuts.
/// </summary>
internal static partial class PostgresUrl
{
    /// <summary>Of any scheme: one that is not ours is to be told so, and not read as something else.</summary>
    public static bool IsUrl(string text) => Scheme().IsMatch(text);

    /// <exception cref="FormatException">The message names the part at fault and never repeats it.</exception>
    public static PostgresSettings Parse(string text)
    {
        var scheme = Scheme().Match(text);
        if (scheme.Groups[1].Value.ToLowerInvariant() is not ("postgres" or "postgresql"))
            throw new FormatException("the scheme of the URL is neither postgres nor postgresql");
        var rest = text[scheme.Length..].Trim();
        var at = FindEndOfUser(rest);
        var url = UrlParts.Split(rest[(at + 1)..]);
        var parameters = new LibpqParameters
        {
            // A second @ makes it doubtful where the password ends; without any it may be in the place of the host.
            ShowsNames = at >= 0 ? url.IsLikely || rest.IndexOf('@') == rest.LastIndexOf('@') : !rest.Contains("%40"),
        };
        if (at >= 0)
            SetUser(parameters, rest[..at]);
        SetPlace(parameters, url);
        foreach (var pair in url.Query)
            SetParameter(parameters, pair);
        var settings = parameters.ToSettings();
        return url.IsLikely
            ? settings
            : throw new FormatException("it is not clear where the URL's password ends: write @ / ? # : in password and database as %XX");
    }

    /// <summary>
    /// The @ before the host, or -1. libpq takes the first one. Where what follows is then no address, it is a part of the password and the
    /// next one is looked at.
    /// </summary>
    private static int FindEndOfUser(string rest)
    {
        var first = rest.IndexOf('@');
        var path = rest.AsSpan().IndexOfAny('/', '?');
        if (first < 0 || (path >= 0 && path < first && UrlParts.Split(rest).IsLikely))
            return -1;
        for (var at = first; at >= 0; at = rest.IndexOf('@', at + 1))
        {
            if (UrlParts.Split(rest[(at + 1)..]).IsLikely)
                return at;
        }

        return rest.LastIndexOf('@');
    }

    private static void SetUser(LibpqParameters parameters, string user)
    {
        var colon = user.IndexOf(':');
        parameters.Set("user", Unescape(colon < 0 ? user : user[..colon]));
        var showsNames = parameters.ShowsNames;
        if (colon >= 0)
            parameters.Set("password", Unescape(user[(colon + 1)..]));
        parameters.ShowsNames = showsNames; // This password ended at the @.
    }

    private static void SetPlace(LibpqParameters parameters, UrlParts url)
    {
        if (url.Hosts.Any(host => host.Port.Length > 0 && !PostgresHosts.IsPort(host.Port)))
        {
            throw new FormatException(
                "the port of the URL is not a number from 1 to 65535. Is the @ before the host missing, or written %40?");
        }

        parameters.Set("host", string.Join(',', url.Hosts.Select(host => Unescape(host.Host))));
        parameters.Set("port", string.Join(',', url.Hosts.Select(host => host.Port)));
        if (url.Database.Length > 0)
            parameters.Set("dbname", Unescape(url.Database));
    }

    private static void SetParameter(LibpqParameters parameters, string pair)
    {
        var equals = pair.IndexOf('=');
        if (equals < 0 && !parameters.ShowsNames)
            throw new FormatException("a parameter of the URL has no =");
        var name = Unescape(equals < 0 ? pair : pair[..equals]);
        parameters.Set(LibpqParameters.IsKnown(name) ? name : name.ToLowerInvariant(), equals < 0 ? "" : Unescape(pair[(equals + 1)..]));
    }

    // A % that begins no escape stays, since passwords are pasted in raw.
    private static string Unescape(string text) => Uri.UnescapeDataString(text);

    [GeneratedRegex(@"^\s*([A-Za-z][A-Za-z0-9+.-]*)://")]
    private static partial Regex Scheme();
}

/// <summary>What follows user and password, still escaped.</summary>
internal sealed partial record UrlParts(IReadOnlyList<(string Host, string Port)> Hosts, string Database, IReadOnlyList<string> Query)
{
    /// <summary>Whether that is an address, or rather the end of a password with an @ in it.</summary>
    public bool IsLikely =>
        Hosts.All(host => (host.Port.Length == 0 || PostgresHosts.IsPort(host.Port)) && IsHostOrEmpty(host.Host))
        && Database.AsSpan().IndexOfAny("@/#:") < 0
        && Query.All(IsParameter);

    public static UrlParts Split(string rest)
    {
        var question = rest.IndexOf('?');
        var query = question < 0 ? "" : rest[(question + 1)..];
        var place = question < 0 ? rest : rest[..question];
        var slash = place.IndexOf('/');
        var hosts = (slash < 0 ? place : place[..slash]).Split(',').Select(PostgresHosts.Split);
        return new([.. hosts], slash < 0 ? "" : place[(slash + 1)..], query.Split('&', StringSplitOptions.RemoveEmptyEntries));
    }

    private static bool IsHostOrEmpty(string host) =>
        host.Length == 0 || PostgresHosts.IsHost(PostgresHosts.Unbracket(Uri.UnescapeDataString(host)));

    private static bool IsParameter(string pair)
    {
        var equals = pair.IndexOf('=');
        return equals > 0 && (LibpqParameters.IsKnown(pair[..equals])
            || (Name().IsMatch(pair[..equals]) && !pair.Contains('@', StringComparison.Ordinal)));
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]*$")]
    private static partial Regex Name();
}
