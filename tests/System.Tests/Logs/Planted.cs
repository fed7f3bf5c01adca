using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SystemTests.Logs;

/// <summary>Secrets planted in a system, one for each place where one can be; none may come out in any log.</summary>
internal static class Planted
{
    public const string Password = "canary-Pg=p@ss/7f31";
    public const string AiKey = "canary-sk-41d7c0ffee";
    public const string ChannelToken = "canary-channel-9b2e55";
    public const string JwtSecret = "canary-jwt-secret-of-more-than-32-bytes-77aa";
    public const string Query = "canary-query-510c";
    public const string Cookie = "canary-cookie-a3d9";
    public const string ApiKey = "canary-apikey-66f0";
    public const string Basic = "canary-basic-e1e8";
    public const string IdempotencyKey = "canary-idem-02bb";
    public const string Brief = "canary-brief-c7c7 \"spring\" sale";
    public const string PostText = "canary-post-text-84d2";
    public const string EditedText = "canary-edited-5e5e";
    public const string Title = "canary-title-19aa";
    public const string Link = "https://example.org/canary-link-3c1f";
    public const string Malformed = "canary-malformed-d00d";
    public const string FromBackend = "canary-from-backend-b4b4";
    public const string Head = "canary-head-f2f2";
    public const string Config = "canary-config-8181";

    public static readonly string Token = Sign("alice");

    public static IReadOnlyList<string> All { get; } =
    [
        Password, "canary-Pg=p", "ss/7f31",
        $"postgresql://postgres:{Uri.EscapeDataString(Password)}@127.0.0.1/calendar",
        AiKey, ChannelToken, JwtSecret, Query, Cookie, ApiKey, Basic, IdempotencyKey, Brief, PostText, EditedText, Title, Link,
        Malformed, FromBackend, Head, Config, Token.Split('.')[2],
    ];

    public static readonly (string Name, string Value)[] Headers =
    [
        ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"alice:{Basic}"))),
        ("Cookie", $"session={Cookie}"), ("X-Api-Key", ApiKey),
    ];

    private static string Sign(string user)
    {
        var claims = JsonSerializer.Serialize(new { iss = "https://issuer.test/", aud = "gateway", sub = user, exp = 4_000_000_000 });
        var input = $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{input}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(JwtSecret), Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
