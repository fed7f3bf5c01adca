using Microsoft.Extensions.Primitives;

namespace Gateway.Identity.Jwt;

internal enum Credentials
{
    /// <summary>Nothing, or another scheme than Bearer: not ours to judge.</summary>
    Other,
    Bearer,

    /// <summary>More than one, and Bearer among them: which one a backend would read is anybody's guess.</summary>
    Ambiguous,
}

/// <summary>Finds the token in <c>Authorization</c>. Source: RFC 9110 section 11.6.2, RFC 6750 section 2.1.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer";

    public static Credentials Find(StringValues authorization, out ReadOnlySpan<char> token)
    {
        token = default;
        if (authorization.Count == 0)
            return Credentials.Other;
        if (authorization.Count > 1 || authorization[0]!.Contains(','))
            return Mentions(authorization) ? Credentials.Ambiguous : Credentials.Other;
        var value = authorization[0].AsSpan().Trim(' ');
        if (!Starts(value))
            return Credentials.Other;
        token = value[Scheme.Length..].TrimStart(' ');
        return Credentials.Bearer;
    }

    /// <summary>The scheme's name ends where no letter of a name follows: <c>Bearerish x</c> is another scheme.</summary>
    private static bool Starts(ReadOnlySpan<char> value) =>
        value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && (value.Length == Scheme.Length || !(char.IsAsciiLetterOrDigit(value[Scheme.Length]) || value[Scheme.Length] is '-' or '_'));

    private static bool Mentions(StringValues authorization)
    {
        foreach (var value in authorization)
        {
            foreach (var part in value.AsSpan().Split(','))
            {
                if (Starts(value.AsSpan(part).Trim()))
                    return true;
            }
        }

        return false;
    }
}
