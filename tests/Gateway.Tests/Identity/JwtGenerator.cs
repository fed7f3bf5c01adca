using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Identity;

/// <summary>Tokens that are right in most places, and changes of tokens.</summary>
internal static class JwtGenerator
{
    private const string Base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const string OddLetters = "=+/. \t\n\0%,\"é\u2028";

    /// <summary>A signed token and the user that it names, if it names one.</summary>
    public static (string Token, string? User) Build(Random random, JwtMint mint)
    {
        var algorithm = Pick(random, 0.8, "HS256", "RS256", "PS256", "ES256", "ES384", "HS512", "RS512", "none", "hs256", "");
        if (random.Next(2) == 0 && algorithm == "HS256")
            algorithm = Pick(random, 0.5, "RS256", "PS256", "ES256", "ES384");
        List<string> header = [$"\"alg\":\"{algorithm}\""];
        Add(header, "typ", Pick(random, 0.8, "\"JWT\"", "", "\"at+jwt\"", "\"application/at+jwt\"", "\"dpop+jwt\"", "7", "null"));
        Add(header, "kid", Pick(random, 0.8, "", KeyId(algorithm), "\"other\"", "\"\"", "5", $"\"{new string('k', 300)}\""));
        Add(header, "x", Pick(random, 0.9, "", "[1,{}]", "null", "\"\\ud800\""));
        header.Add(Pick(
            random, 0.9, "\"cty\":\"JWT\"", "\"crit\":[\"x\"]", "\"jku\":\"http://x/\"", "\"x5t\":\"zz\"", "\"alg\":\"HS256\"",
            "\"b64\":false"));

        var user = Pick(random, 0.8, "\"alice\"", "\"jürgen\"", "\"\"", "7", "null", "\"a,b\"", "\" a\"", "\"\\ud800\"", "");
        List<string> claims = [];
        Add(claims, "iss", Pick(random, 0.9, $"\"{JwtMint.Issuer}\"", "\"https://issuer.test\"", "", "7", $"[\"{JwtMint.Issuer}\"]"));
        Add(claims, "aud", Pick(
            random, 0.8, "\"gateway\"", "[\"a\",\"gateway\"]", "[\"gateway\",1]", "\"gateway/\"", "\"Gateway\"", "[]", "", "{}"));
        Add(claims, "sub", user);
        Add(claims, "exp", Pick(
            random, 0.8, At(300), At(300) + ".75", At(-20), At(-60), $"\"{At(300)}\"", "", "1e300", "9999999999", "-1", "null"));
        Add(claims, "nbf", Pick(random, 0.9, "", At(-20), At(20), At(60), $"\"{At(0)}\"", At(400), "-1", "1e400"));
        Add(claims, "iat", Pick(random, 0.9, At(0), "", At(20), At(60), "\"x\"", "null"));
        Add(claims, "groups", Pick(random, 0.8, "[\"beta\"]", "\"beta, staff\"", "7", "[1,null,{}]", ""));
        Add(claims, "extra", Pick(random, 0.8, "", "{\"a\":[1,2]}", new string('[', 20) + new string(']', 20), "{\"a\":1,\"a\":2}"));
        Add(claims, Pick(random, 0.9, "jti", "sub", "azp", "act"), Pick(random, 0.9, "\"x\"", "7", "null", "true"));
        var payload = $"{{{string.Join(',', claims)}}}{Pick(random, 0.95, "", " ", "{}")}";
        return (mint.Sign($"{{{string.Join(',', header)}}}", payload), user.Trim('"') is { Length: > 0 } text ? text : null);
    }

    /// <summary>One change: of a letter, of a part, or of what a part says. The text may come out as it was.</summary>
    public static string Change(Random random, string token, string[] others)
    {
        var at = random.Next(token.Length + 1);
        var parts = token.Split('.');
        var part = random.Next(parts.Length);
        var donor = others[random.Next(others.Length)].Split('.');
        return random.Next(13) switch
        {
            0 or 1 when at < token.Length => $"{token[..at]}{Base64Letters[random.Next(64)]}{token[(at + 1)..]}",
            2 when at < token.Length => token.Remove(at, 1),
            3 when at < token.Length => token.Insert(at, token[at].ToString()),
            4 => token.Insert(at, OddLetters[random.Next(OddLetters.Length)].ToString()),
            5 => token[..at],
            6 => With(parts, part, donor[Math.Min(part, donor.Length - 1)]),
            7 => With(parts, part, donor[random.Next(donor.Length)]),
            8 => With(parts, part, parts[random.Next(parts.Length)]),
            9 => With(parts, part, $"{parts[part]}.{parts[part]}"),
            10 => With(parts, part, Reworded(random, parts[part])),
            11 => With(parts, part, parts[part].Replace('-', '+').Replace('_', '/')),
            _ => With(parts, part, parts[part].PadRight((parts[part].Length + 3) / 4 * 4, '=')),
        };
    }

    private static string At(int seconds) => JwtMint.In(TimeSpan.FromSeconds(seconds)).ToString(CultureInfo.InvariantCulture);

    private static string KeyId(string algorithm) => algorithm switch
    {
        "ES256" => "\"p256\"",
        "ES384" => "\"p384\"",
        _ => "\"rsa\"",
    };

    /// <summary>The first one in most cases, else any.</summary>
    private static string Pick(Random random, double first, params string[] values) =>
        random.NextDouble() < first ? values[0] : values[random.Next(values.Length)];

    private static void Add(List<string> members, string name, string value)
    {
        if (value.Length > 0)
            members.Add($"\"{name}\":{value}");
    }

    private static string With(string[] parts, int index, string value) =>
        string.Join('.', parts.Select((part, i) => i == index ? value : part));

    /// <summary>Another text for what the part says, or what an attacker would rather have it say.</summary>
    private static string Reworded(Random random, string part)
    {
        if (!Base64Url.IsValid(part))
            return part;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
        var changed = random.Next(4) switch
        {
            0 => text.Replace("alice", "root", StringComparison.Ordinal).Replace("bob", "root", StringComparison.Ordinal),
            1 => text.Replace("S256", "S384", StringComparison.Ordinal),
            2 => Regex.Replace(text, "\"alg\":\"[A-Z0-9]+\"", "\"alg\":\"none\"", default, TimeSpan.FromSeconds(1)),
            _ => text.Replace(":", ": ", StringComparison.Ordinal),
        };
        return JwtMint.Encode(Encoding.UTF8.GetBytes(changed));
    }
}
