using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Logs;

/// <summary>A secret, or a text planted where secrets are, in every spelling that a log could give it.</summary>
internal sealed partial class Canary
{
    /// <summary>A shorter one would be found by accident.</summary>
    public const int MinLength = 6;

    private readonly string[] _secrets;
    private readonly (string Spelling, string Text, StringComparison Comparison)[] _spellings;

    public Canary(string secret)
    {
        _secrets = [secret, .. ConnectionSecret.FindIn(secret).Where(password => password.Length >= MinLength)];
        _spellings = [.. _secrets.SelectMany(SpellingsOf)];
    }

    /// <summary>How the secret is spelled in <paramref name="text"/>; null when it is not there.</summary>
    public string? FindIn(string text)
    {
        foreach (var (spelling, wanted, comparison) in _spellings)
        {
            if (text.Contains(wanted, comparison))
                return spelling;
        }

        // Encoded in part only, or in letters that need no encoding.
        if (text.Contains('%') && Holds(Uri.UnescapeDataString(text)))
            return "url-encoded";
        return text.Contains("\\u", StringComparison.Ordinal) && Holds(Unescape(text)) ? "JSON-escaped" : null;
    }

    private bool Holds(string text) => _secrets.Any(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<(string Spelling, string Text, StringComparison Comparison)> SpellingsOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return
        [
            ("as it is", secret, StringComparison.OrdinalIgnoreCase),
            ("url-encoded", Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase),
            ("url-encoded", WebUtility.UrlEncode(secret), StringComparison.OrdinalIgnoreCase),
            // As libpq's keyword form and ADO.NET's quote it.
            ("quoted", secret.Replace("\\", "\\\\").Replace("'", "\\'"), StringComparison.OrdinalIgnoreCase),
            ("quoted", secret.Replace("'", "''"), StringComparison.OrdinalIgnoreCase),
            ("quoted", secret.Replace("\"", "\"\""), StringComparison.OrdinalIgnoreCase),
            ("in hex", Convert.ToHexString(bytes), StringComparison.OrdinalIgnoreCase),
            .. from offset in Enumerable.Range(0, 3)
               let core = Base64Core(bytes, offset)
               from text in (string[])[core, core.Replace('+', '-').Replace('/', '_')]
               select ("in base64", text, StringComparison.Ordinal),
        ];
    }

    /// <summary>
    /// The characters that base64 gives to these bytes wherever they stand in a longer text: three beginnings are possible, and the
    /// characters at both ends depend on the neighbours.
    /// </summary>
    private static string Base64Core(byte[] bytes, int offset)
    {
        var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
        var start = offset switch { 0 => 0, 1 => 2, _ => 3 };
        return encoded[start..((offset + bytes.Length) * 8 / 6)];
    }

    private static string Unescape(string text) => EscapedCharacter().Replace(
        text, match => ((char)int.Parse(match.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex(@"\\u[0-9a-fA-F]{4}")]
    private static partial Regex EscapedCharacter();
}
