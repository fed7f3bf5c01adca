using System.Text.Json;
using Gateway.Exchanges;

namespace Gateway.Identity.Jwt;

/// <summary>
/// Reads whom a token names, and refuses claims that the library would bend into shape: a date that is no number, a user that is
/// no text. Whether expiry, issuer and audience are right is the library's to say. Source: RFC 7519 section 4.1.
/// </summary>
internal static class TokenClaims
{
    private const double LatestDate = 253_402_300_799; // 9999-12-31T23:59:59Z

    public static TokenFault? TryRead(JsonElement root, JwtOptions options, DateTimeOffset now, out Caller caller)
    {
        caller = Caller.Anonymous;
        if (!TryReadDate(root, "exp", out _) || !TryReadDate(root, "nbf", out _) || !TryReadDate(root, "iat", out var issuedAt))
            return TokenFault.Malformed;
        if (issuedAt > (now + options.ClockSkew).ToUnixTimeMilliseconds() / 1000.0)
            return TokenFault.IssuedInFuture; // The library does not look at it.
        if (!root.TryGetProperty(options.UserClaim, out var claim) || claim.ValueKind != JsonValueKind.String
            || claim.GetString() is not { } user || !Caller.IsLegalId(user))
        {
            return TokenFault.User;
        }

        caller = new(user, root.TryGetProperty(options.GroupsClaim, out var groups) ? ReadGroups(groups) : []);
        return null;
    }

    public static bool NamesIssuer(JsonElement root, string issuer) =>
        root.TryGetProperty("iss", out var claim) && claim.ValueKind == JsonValueKind.String && claim.ValueEquals(issuer);

    /// <summary>Seconds since 1970, fractions allowed; null when the claim is absent.</summary>
    private static bool TryReadDate(JsonElement root, string claim, out double? date)
    {
        date = null;
        if (!root.TryGetProperty(claim, out var value))
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || seconds is not (>= 0 and <= LatestDate))
            return false;
        date = seconds;
        return true;
    }

    /// <summary>A name with a comma or a control character is left out: in the header to the backend it would become two groups.</summary>
    private static List<string> ReadGroups(JsonElement claim)
    {
        if (claim.ValueKind == JsonValueKind.String)
            return [.. Caller.ParseGroups(claim.GetString()).Where(Caller.IsLegalId)];
        if (claim.ValueKind != JsonValueKind.Array)
            return [];
        var groups = new List<string>(claim.GetArrayLength());
        foreach (var one in claim.EnumerateArray())
        {
            if (one.ValueKind == JsonValueKind.String && one.GetString()!.Trim() is { } name && Caller.IsLegalId(name))
                groups.Add(name);
        }

        return groups;
    }
}
