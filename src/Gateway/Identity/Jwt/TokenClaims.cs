using System.Text.Json;
using Gateway.Exchanges;

namespace Gateway.Identity.Jwt;

/// <summary>The claims that decide, checked in the order that a reader of the log finds most telling. Source: RFC 7519 section 4.1.</summary>
internal static class TokenClaims
{
    private const double LatestDate = 253_402_300_799; // 9999-12-31T23:59:59Z

    public static TokenFault TryRead(ReadOnlyMemory<byte> payload, JwtOptions options, DateTimeOffset now, out Caller caller)
    {
        caller = Caller.Anonymous;
        return StrictJson.Read(payload, (JsonElement root, ref Caller result) => Read(root, options, now, ref result), ref caller);
    }

    private static TokenFault Read(JsonElement root, JwtOptions options, DateTimeOffset now, ref Caller caller)
    {
        var fault = CheckTimes(root, now.ToUnixTimeMilliseconds() / 1000.0, options.ClockSkew.TotalSeconds);
        if (fault != TokenFault.None)
            return fault;
        if (!root.TryGetProperty("iss", out var issuer) || !Is(issuer, options.Issuer!))
            return TokenFault.Issuer;
        if (!root.TryGetProperty("aud", out var audience) || !Names(audience, options.Audience!))
            return TokenFault.Audience;
        if (!root.TryGetProperty(options.UserClaim, out var user) || user.ValueKind != JsonValueKind.String
            || !Caller.IsLegalId(user.GetString()))
        {
            return TokenFault.User;
        }

        caller = new(user.GetString(), root.TryGetProperty(options.GroupsClaim, out var groups) ? ReadGroups(groups) : []);
        return TokenFault.None;
    }

    private static TokenFault CheckTimes(JsonElement root, double now, double skew)
    {
        if (!root.TryGetProperty("exp", out _))
            return TokenFault.NoExpiry;
        if (!TryReadDate(root, "exp", out var expiry) || !TryReadDate(root, "nbf", out var notBefore)
            || !TryReadDate(root, "iat", out var issuedAt))
        {
            return TokenFault.Malformed;
        }

        if (now >= expiry + skew)
            return TokenFault.Expired;
        if (notBefore > now + skew)
            return TokenFault.NotYetValid;
        return issuedAt > now + skew ? TokenFault.IssuedInFuture : TokenFault.None;
    }

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

    private static bool Is(JsonElement value, string expected) =>
        value.ValueKind == JsonValueKind.String && value.ValueEquals(expected);

    private static bool Names(JsonElement audience, string expected)
    {
        if (audience.ValueKind != JsonValueKind.Array)
            return Is(audience, expected);
        foreach (var one in audience.EnumerateArray())
        {
            if (Is(one, expected))
                return true;
        }

        return false;
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
