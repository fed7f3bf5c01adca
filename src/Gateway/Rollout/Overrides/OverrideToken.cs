using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Exchanges;

namespace Gateway.Rollout.Overrides;

/// <summary>What a tester's token says, as <c>FLAG=on;exp=1790000000;user=ada;sig=…</c>; without <c>user</c> it is anybody's.</summary>
/// <param name="On">The new side, or the old one.</param>
/// <param name="Expires">In seconds since 1970: from then on it says nothing.</param>
/// <param name="User">Whose it is; null when it is anybody's who has it.</param>
internal sealed partial record OverrideToken(string Flag, bool On, long Expires, string? User)
{
    /// <summary>No token may be good for longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>In front of what is signed, so that no signature of another kind, or of a later one, is one of these.</summary>
    private const string Version = "rollout-override/1";

    private const int LongestText = 4096;

    public static bool IsFlag(string text) => FlagName().IsMatch(text);

    /// <summary>The header's value.</summary>
    public string Write(byte[] key)
    {
        var user = User is null ? "" : $"user={Uri.EscapeDataString(User)};";
        return string.Create(
            CultureInfo.InvariantCulture, $"{Flag}={(On ? "on" : "off")};exp={Expires};{user}sig={Base64Url.EncodeToString(Sign(key))}");
    }

    /// <summary>Null for what is no such text; its signature has not been looked at then.</summary>
    public static (OverrideToken Token, byte[] Signature)? Parse(string text)
    {
        if (text.Length > LongestText || Form().Match(text) is not { Success: true } match)
            return null;
        var user = match.Groups["user"] is { Success: true } named ? Uri.UnescapeDataString(named.Value) : null;
        if (user is not null && !Caller.IsLegalId(user))
            return null;
        return (
            new(match.Groups["flag"].Value, match.Groups["value"].Value == "on",
                long.Parse(match.Groups["exp"].ValueSpan, CultureInfo.InvariantCulture), user),
            Base64Url.DecodeFromChars(match.Groups["sig"].ValueSpan));
    }

    /// <summary>In a time that does not depend on how much of it is right.</summary>
    public bool IsSignedWith(byte[] key, byte[] signature) => CryptographicOperations.FixedTimeEquals(Sign(key), signature);

    /// <summary>Of every part, each on a line: none of them can hold a line's end.</summary>
    private byte[] Sign(byte[] key) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Version}\n{Flag}\n{(On ? "on" : "off")}\n{Expires}\n{User}")));

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex FlagName();

    // 32 bytes are 43 characters, of which the last has four bits and not six.
    [GeneratedRegex(
        @"\A(?<flag>[A-Za-z_][A-Za-z0-9_]*)=(?<value>on|off);exp=(?<exp>[1-9][0-9]{0,11});"
        + @"(user=(?<user>[A-Za-z0-9._~%-]+);)?sig=(?<sig>[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
