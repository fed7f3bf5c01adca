using System.Text;
using ServiceDefaults.Options;

namespace Gateway.Identity.Jwt;

/// <summary><c>Identity:Jwt</c>: whose bearer tokens are believed. Absent, <c>Authorization</c> passes untouched.</summary>
internal sealed class JwtOptions
{
    public const int ShortestSecret = 32; // RFC 7518 section 3.2: as long as the hash's output.

    /// <summary>Exactly the token's <c>iss</c>.</summary>
    public string? Issuer { get; set; }

    /// <summary>The token's <c>aud</c>, or one of them.</summary>
    public string? Audience { get; set; }

    /// <summary>HS256's key as UTF-8 text.</summary>
    public string? Secret { get; set; }

    /// <summary>Where the public keys are: a file's path, or an http(s) URL.</summary>
    public string? Jwks { get; set; }

    /// <summary>The claim that holds the user's id.</summary>
    public string UserClaim { get; set; } = "sub";

    /// <summary>The claim that holds the user's groups: an array of strings, or one comma-separated string.</summary>
    public string GroupsClaim { get; set; } = "groups";

    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two looks at a JWKS URL. A file is looked at every second.</summary>
    public TimeSpan JwksRefresh { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The shortest time between two fetches that unknown key ids may cause.</summary>
    public TimeSpan JwksCooldown { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A fetch, and the wait of a request for the fetch that its key id needs, take no longer.</summary>
    public TimeSpan JwksTimeout { get; set; } = TimeSpan.FromSeconds(2);

    public bool Enabled => Issuer is not null || Audience is not null || Secret is not null || Jwks is not null;

    public Uri? JwksUrl =>
        Uri.TryCreate(Jwks, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    public static void Check(JwtOptions o, OptionFaults faults)
    {
        faults.Require(o.UserClaim.Length > 0, "UserClaim", o.UserClaim, "the name of a claim");
        faults.Require(o.GroupsClaim.Length > 0, "GroupsClaim", o.GroupsClaim, "the name of a claim");
        faults.Within("ClockSkew", o.ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        faults.Within("JwksRefresh", o.JwksRefresh, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        faults.Within("JwksCooldown", o.JwksCooldown, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        faults.Within("JwksTimeout", o.JwksTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        if (!o.Enabled)
            return;
        faults.Require(!string.IsNullOrWhiteSpace(o.Issuer), "Issuer", o.Issuer ?? "", "the exact iss of the tokens");
        faults.Require(!string.IsNullOrWhiteSpace(o.Audience), "Audience", o.Audience ?? "", "the aud that names this gateway");
        faults.Require(
            o.Secret is null != o.Jwks is null, "Secret", o.Secret is null ? "" : "(hidden)", "exactly one of Secret and Jwks");
        if (o.Secret is not null)
        {
            var length = Encoding.UTF8.GetByteCount(o.Secret);
            faults.Require(length >= ShortestSecret, "Secret", $"({length} bytes)", $"at least {ShortestSecret} bytes");
        }

        if (o.Jwks is not null)
            CheckJwks(o, faults);
    }

    /// <summary>A file is configuration, so a bad one stops the start; a URL is a dependency, and may come up later than we do.</summary>
    private static void CheckJwks(JwtOptions o, OptionFaults faults)
    {
        if (o.JwksUrl is { } url)
        {
            faults.Require(url.UserInfo.Length == 0, "Jwks", "(hidden)", "a URL without user and password");
            return;
        }

        try
        {
            KeyRing.Parse(File.ReadAllBytes(o.Jwks!), o);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException)
        {
            faults.Require(false, "Jwks", o.Jwks!, $"an http(s) URL, or a readable file with at least one usable key: {error.Message}");
        }
    }
}
