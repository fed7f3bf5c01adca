using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Identity.Jwt;

namespace Gateway.Tests.Identity;

/// <summary>
/// Tokens at the public listener, as an attacker sends them. Over 250 lines, most of them the list of forgeries.
/// Holds docs/contract.md section 3: the decision.
/// </summary>
public sealed class JwtTests : IAsyncLifetime
{
    private readonly JwtMint _mint = new();
    private StubBackend _legacy = null!;

    public async ValueTask InitializeAsync() => _legacy = await StubBackend.StartAsync("legacy");

    public async ValueTask DisposeAsync()
    {
        _mint.Dispose();
        await _legacy.DisposeAsync();
    }

    public static TheoryData<string, string> Forgeries()
    {
        var data = new TheoryData<string, string>();
        foreach (var (name, _, fault) in Table)
            data.Add(name, fault);
        return data;
    }

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong, how it is made, and the reason that the log gives.</summary>
    private static readonly (string Name, Func<JwtMint, string> Build, string Fault)[] Table =
    [
        ("alg none", m => Unsigned(JwtMint.Header("none")), "Algorithm"),
        ("alg None", m => Unsigned(JwtMint.Header("None")), "Algorithm"),
        ("alg none with a signature", m => Resigned(m.Sign(), JwtMint.Header("none")), "Algorithm"),
        ("alg empty", m => m.Sign(header: JwtMint.Header("")), "Algorithm"),
        ("alg absent", m => m.Sign("{}", JwtMint.Claims().ToJsonString()), "Algorithm"),
        ("alg a number", m => m.Sign("""{"alg":256}""", JwtMint.Claims().ToJsonString()), "Algorithm"),
        ("HS512 with the same secret", m => m.Sign(header: JwtMint.Header("HS512")), "Algorithm"),
        ("RS256 against a secret", m => m.Sign(header: JwtMint.Header("RS256")), "Algorithm"),
        ("jku", m => m.Sign(header: With(JwtMint.Header("HS256"), "jku", "https://evil.test/keys")), "HeaderParameter"),
        ("x5u", m => m.Sign(header: With(JwtMint.Header("HS256"), "x5u", "https://evil.test/cert")), "HeaderParameter"),
        ("x5c", m => m.Sign(header: With(JwtMint.Header("HS256"), "x5c", "MIIB")), "HeaderParameter"),
        ("jwk", m => m.Sign("""{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}""", JwtMint.Claims().ToJsonString()), "HeaderParameter"),
        ("crit", m => m.Sign("""{"alg":"HS256","crit":["b64"],"b64":false}""", JwtMint.Claims().ToJsonString()), "HeaderParameter"),
        ("another type", m => m.Sign("""{"alg":"HS256","typ":"dpop+jwt"}""", JwtMint.Claims().ToJsonString()), "HeaderParameter"),
        ("kid of 300 characters", m => m.Sign(header: JwtMint.Header("HS256", new string('k', 300))), "HeaderParameter"),
        ("alg twice", m => m.Sign("""{"alg":"HS256","alg":"none"}""", JwtMint.Claims().ToJsonString()), "DuplicateName"),
        ("alg twice, once escaped", m => m.Sign("""{"alg":"HS256","\u0061lg":"none"}""", JwtMint.Claims().ToJsonString()), "DuplicateName"),
        ("sub twice", m => m.Sign("""{"alg":"HS256"}""", JwtMint.Claims().ToJsonString().Replace("{", """{"sub":"root",""", StringComparison.Ordinal)), "DuplicateName"),
        ("header no object", m => m.Sign("\"HS256\"", JwtMint.Claims().ToJsonString()), "Malformed"),
        ("payload no object", m => m.Sign("""{"alg":"HS256"}""", "[1]"), "Malformed"),
        ("payload no JSON", m => m.Sign("""{"alg":"HS256"}""", "alice"), "Malformed"),
        ("payload with half a surrogate", m => m.Sign("""{"alg":"HS256"}""", JwtMint.Claims().ToJsonString().Replace("alice", "\\ud800", StringComparison.Ordinal)), "Malformed"),
        ("expired", m => m.Sign(JwtMint.Claims(expiresIn: TimeSpan.FromSeconds(-31))), "Expired"),
        ("no expiry", m => m.Sign(Without("exp")), "NoExpiry"),
        ("expiry as text", m => m.Sign(With(JwtMint.Claims(), "exp", "9999999999")), "Malformed"),
        ("expiry beyond all dates", m => m.Sign("""{"alg":"HS256"}""", JwtMint.Claims().ToJsonString().Replace("\"sub\"", "\"x\":1,\"nbf\":1e400,\"sub\"", StringComparison.Ordinal)), "Malformed"),
        ("not yet valid", m => m.Sign(With(JwtMint.Claims(), "nbf", JwtMint.In(TimeSpan.FromMinutes(1)))), "NotYetValid"),
        ("issued in the future", m => m.Sign(With(JwtMint.Claims(), "iat", JwtMint.In(TimeSpan.FromMinutes(1)))), "IssuedInFuture"),
        ("no issuer", m => m.Sign(Without("iss")), "Issuer"),
        ("another issuer", m => m.Sign(With(JwtMint.Claims(), "iss", "https://issuer.test")), "Issuer"),
        ("no audience", m => m.Sign(Without("aud")), "Audience"),
        ("another audience", m => m.Sign(With(JwtMint.Claims(), "aud", "gateway2")), "Audience"),
        ("other audiences", m => m.Sign(With(JwtMint.Claims(), "aud", new JsonArray("a", "b"))), "Audience"),
        ("an audience that is no text", m => m.Sign(With(JwtMint.Claims(), "aud", new JsonArray("a", "b", 1))), "Malformed"),
        ("audience with a slash more", m => m.Sign(With(JwtMint.Claims(), "aud", "gateway/")), "Audience"),
        ("issuer in an array", m => m.Sign(With(JwtMint.Claims(), "iss", new JsonArray(JwtMint.Issuer))), "Malformed"),
        ("text after the payload", m => m.Sign("""{"alg":"HS256"}""", JwtMint.Claims().ToJsonString() + "{}"), "Malformed"),
        ("valid only after it expired", m => m.Sign(With(JwtMint.Claims(expiresIn: -Moment), "nbf", JwtMint.In(Moment))), "NeverValid"),
        ("nbf before 1970", m => m.Sign(With(JwtMint.Claims(), "nbf", -1)), "Malformed"),
        ("no user", m => m.Sign(Without("sub")), "User"),
        ("user a number", m => m.Sign(With(JwtMint.Claims(), "sub", 7)), "User"),
        ("user with a line break", m => m.Sign(JwtMint.Claims("alice\r\nX-Admin: 1")), "User"),
        ("user with a comma", m => m.Sign(JwtMint.Claims("alice,root")), "User"),
        ("user empty", m => m.Sign(JwtMint.Claims("")), "User"),
        ("another secret", m => m.Sign("""{"alg":"HS256"}""", JwtMint.Claims().ToJsonString(), Encoding.UTF8.GetBytes(new string('x', 32))), "BadSignature"),
        ("signature cut off", m => m.Sign()[..^3], "BadSignature"),
        ("signature empty", m => m.Sign()[..(m.Sign().LastIndexOf('.') + 1)], "BadSignature"),
        ("claims of another token", m => Resigned(m.Sign(), JwtMint.Header("HS256"), JwtMint.Claims("root")), "BadSignature"),
        ("nothing", _ => "", "Malformed"),
        ("one part", _ => "abc", "Malformed"),
        ("two parts", m => m.Sign()[..m.Sign().LastIndexOf('.')], "Malformed"),
        ("five parts", m => m.Sign() + ".e30.e30", "Malformed"),
        ("padding", m => m.Sign() + "=", "Malformed"),
        ("standard base64", m => m.Sign().Replace('.', '+'), "Malformed"),
        ("a space inside", m => m.Sign().Insert(20, " "), "Malformed"),
        ("stray bits in the last character", m => StrayBits(m.Sign()), "Malformed"),
        ("17 KB", _ => new string('a', 17 * 1024), "TooLong"),
    ];

    /// <summary>These do not say that they are of our issuer: somebody else may know what they are.</summary>
    public static TheoryData<string> Strangers() => [.. NotOurs];

    private static readonly string[] NotOurs =
    [
        "payload no object", "payload no JSON", "no issuer", "another issuer", "nothing", "one part", "standard base64", "17 KB",
    ];

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Token_OfAnotherIssuer_PassesUntouchedAndIsNobody(string name)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var setup = new GatewaySetup(calendar, _legacy).Flag(GatewaySetup.CalendarFlag, 99.99)
            .Option("Identity:TrustedProxies:0", "192.0.2.1");
        await using var gateway = await Configured(setup).StartAsync();
        var authorization = ("Bearer " + Table.Single(t => t.Name == name).Build(_mint)).TrimEnd();

        foreach (var (path, reason) in ((string, string)[])[("/orders", "ungated"), ("/api/calendar/c1", "outside-cohort")])
        {
            using var response = await gateway.GetAsync(path, "mallory", ("Authorization", authorization));
            Assert.Equal((200, "legacy", reason), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
            Assert.Equal((authorization, null), (_legacy.Requests[^1].Header("Authorization"), _legacy.Requests[^1].Header("X-User-Id")));
        }

        Assert.Empty(calendar.Requests);
        Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains("bearer token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Token_OfAnotherIssuer_BesideATrustedHeader_LeavesTheHeaderInForce()
    {
        await using var gateway = await Setup().StartAsync();
        var token = "Bearer " + _mint.Sign(With(JwtMint.Claims("mallory"), "iss", "https://legacy.test"));
        using var response = await gateway.GetAsync("/orders", "bob", ("Authorization", token));
        var seen = Assert.Single(_legacy.Requests);
        Assert.Equal(("bob", token), (seen.Header("X-User-Id"), seen.Header("Authorization")));
    }

    /// <summary>However it is written: a reader that is more forgiving than ours must not be shown what claims to be ours.</summary>
    [Theory]
    [InlineData("""{"iss":"other","iss":"ISSUER"}""")]
    [InlineData("""{"iss":"ISSUER"}{"iss":"other"}""")]
    [InlineData("""{"i\u0073s":"ISSUER","sub":"\ud800"}""")]
    [InlineData("""{"iss":["other","ISSUER"]}""")]
    [InlineData("""{"iss":"ISSUER","sub":"alice",}""")]
    public async Task Token_ThatClaimsOurIssuerInAnySpelling_IsRefused(string claims)
    {
        await using var gateway = await Setup().StartAsync();
        var token = _mint.Sign("""{"alg":"HS256"}""", claims.Replace("ISSUER", JwtMint.Issuer, StringComparison.Ordinal));
        foreach (var spelling in (string[])[token, token + "==", token.Insert(token.IndexOf('.') + 3, " "), token + ".e30.e30"])
        {
            using var response = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + spelling));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Empty(_legacy.Requests);
    }

    public static TheoryData<string, string> ForgeriesOfOurs()
    {
        var data = new TheoryData<string, string>();
        foreach (var (name, _, fault) in Table.Where(forgery => !NotOurs.Contains(forgery.Name)))
            data.Add(name, fault);
        return data;
    }

    [Theory]
    [MemberData(nameof(ForgeriesOfOurs))]
    public async Task Token_Forged_IsRefusedBeforeAnyBackend(string name, string fault)
    {
        await using var gateway = await Setup().StartAsync();
        var token = Table.Single(t => t.Name == name).Build(_mint);

        using var response = await gateway.GetAsync("/orders", "mallory", ("Authorization", "Bearer " + token));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("gateway", response.Headers.GetValues("X-Served-By").Single());
        Assert.Equal("refused", response.Headers.GetValues("X-Route-Reason").Single());
        Assert.Equal("gateway; error=http_request_denied", response.Headers.GetValues("Proxy-Status").Single());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("invalid-token", problem.GetProperty("code").GetString());
        Assert.Equal("The bearer token is not accepted.", problem.GetProperty("detail").GetString());
        Assert.Empty(_legacy.Requests);

        var line = await gateway.Logs.MessageAsync("A bearer token is refused");
        Assert.Contains(fault, line.GetProperty("message").GetString(), StringComparison.Ordinal);
        if (token.Length > 20)
            Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains(token[^20..], StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains(JwtMint.Secret, StringComparison.Ordinal));
    }

    /// <summary>What the library alone takes for a login, and why our reading of the form stands in front of it.</summary>
    private static readonly string[] ForgivenByTheLibrary =
    [
        "jku", "x5u", "x5c", "jwk", "crit", "kid of 300 characters", "another type",
        "sub twice", "padding", "text after the payload",
        "expiry as text", "nbf before 1970", "issued in the future",
        "no user", "user a number", "user with a line break", "user with a comma", "user empty",
    ];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Library_Alone_ForgivesWhatTheListSays(string name, string fault)
    {
        var token = Table.Single(t => t.Name == name).Build(_mint);
        var accepted = await BareLibrary.AcceptsAsync(token, BareLibrary.Secret);
        Assert.True(ForgivenByTheLibrary.Contains(name) == accepted, $"{name}: {(accepted ? "accepted" : "refused")}, ours is {fault}");
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    [InlineData("BEARER ")]
    [InlineData("Bearer   ")]
    public async Task Token_Valid_IsTheUser(string scheme)
    {
        await using var gateway = await Setup().StartAsync();
        var claims = With(JwtMint.Claims("alice"), "groups", new JsonArray("beta", "a,admin", "staff"));
        using var response = await gateway.GetAsync(
            "/orders", "mallory", ("Authorization", scheme + _mint.Sign(claims)), ("X-User-Groups", "admin"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = Assert.Single(_legacy.Requests);
        Assert.Equal("alice", seen.Header("X-User-Id"));
        Assert.Equal("beta,staff", seen.Header("X-User-Groups"));
        Assert.Equal("alice", (await gateway.Logs.CompletionAsync(response)).GetProperty("userId").GetString());
    }

    [Fact]
    public async Task Token_FromAnUntrustedPeer_IsTheUserAllTheSame()
    {
        await using var gateway = await Setup().Option("Identity:TrustedProxies:0", "192.0.2.1").StartAsync();
        using var response = await gateway.GetAsync("/orders", "mallory", ("Authorization", "Bearer " + _mint.Sign()));
        Assert.Equal("alice", Assert.Single(_legacy.Requests).Header("X-User-Id"));
    }

    [Theory]
    [InlineData(null, "bob")]
    [InlineData("Basic YTpi", "bob")]
    [InlineData("Bearerish abc", "bob")]
    public async Task Token_Absent_LeavesTheTrustedHeaderInForce(string? authorization, string user)
    {
        await using var gateway = await Setup().StartAsync();
        (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
        using var response = await gateway.GetAsync("/orders", "bob", headers);
        var seen = Assert.Single(_legacy.Requests);
        Assert.Equal(user, seen.Header("X-User-Id"));
        Assert.Equal(authorization, seen.Header("Authorization"));
    }

    [Fact]
    public async Task Token_WithoutJwtConfigured_PassesUntouched()
    {
        await using var gateway = await new GatewaySetup(legacy: _legacy).StartAsync();
        using var response = await gateway.GetAsync("/orders", "bob", ("Authorization", "Bearer not.a.token"));
        var seen = Assert.Single(_legacy.Requests);
        Assert.Equal("Bearer not.a.token", seen.Header("Authorization"));
        Assert.Equal("bob", seen.Header("X-User-Id"));
    }

    [Theory]
    [InlineData("Basic YTpi, Bearer x.y.z")]
    [InlineData("Bearer x.y.z, Bearer x.y.z")]
    public async Task Credentials_Odd_AreRefused(string authorization)
    {
        await using var gateway = await Setup().StartAsync();
        using var response = await gateway.GetAsync("/orders", "bob", ("Authorization", authorization));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Empty(_legacy.Requests);
    }

    [Theory]
    [InlineData("ClockSkew", "00:01:00", "exp", -45)]
    [InlineData("ClockSkew", "00:01:00", "nbf", 45)]
    [InlineData("ClockSkew", "00:00:30", "exp", -28)]
    [InlineData("ClockSkew", "00:00:00", "nbf", 0)]
    public async Task Token_WithinTheConfiguredSkew_IsAccepted(string key, string value, string claim, int seconds)
    {
        await using var gateway = await Setup().Option("Identity:Jwt:" + key, value).StartAsync();
        var token = _mint.Sign(With(JwtMint.Claims(), claim, JwtMint.In(TimeSpan.FromSeconds(seconds))));
        using var response = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + token));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("4102444800.5")]
    [InlineData("4.1024448e9")]
    public async Task Token_WithALegalSpellingOfItsExpiry_IsAccepted(string expiry)
    {
        await using var gateway = await Setup().StartAsync();
        var claims = $$"""{"iss":"{{JwtMint.Issuer}}","aud":["other","{{JwtMint.Audience}}"],"sub":"alice","exp":{{expiry}}}""";
        var token = _mint.Sign("""{"alg":"HS256"}""", claims);
        using var response = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + token));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Token_WithConfiguredClaims_IsReadByTheirNames()
    {
        await using var gateway = await Setup().Option("Identity:Jwt:UserClaim", "email").Option("Identity:Jwt:GroupsClaim", "roles")
            .StartAsync();
        var claims = With(With(JwtMint.Claims("sub-is-not-asked"), "email", "jürgen@example.test"), "roles", "beta, staff");
        using var response = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + _mint.Sign(claims)));
        var seen = Assert.Single(_legacy.Requests);
        Assert.Equal("jürgen@example.test", seen.Header("X-User-Id"));
        Assert.Equal("beta,staff", seen.Header("X-User-Groups"));
    }

    [Fact]
    public async Task Verification_OfATypicalToken_AllocatesLittle()
    {
        await using var gateway = await Setup().StartAsync();
        var verifier = gateway.Services.GetRequiredService<TokenVerifier>();
        var token = _mint.Sign(With(JwtMint.Claims(), "groups", new JsonArray("beta", "staff")));
        Assert.IsType<TokenOutcome.Accepted>(await verifier.VerifyAsync(token, default));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            // Nothing to wait for: the thread stays.
            var accepted = Assert.IsType<TokenOutcome.Accepted>(await verifier.VerifyAsync(token, default));
            Assert.Equal("alice", accepted.Caller.UserId);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        Assert.True(each < 4096, $"{each} bytes for a token of {token.Length} characters");
    }

    private GatewaySetup Setup() => Configured(new GatewaySetup(legacy: _legacy));

    private static GatewaySetup Configured(GatewaySetup setup) => setup
        .Option("Identity:Jwt:Issuer", JwtMint.Issuer).Option("Identity:Jwt:Audience", JwtMint.Audience)
        .Option("Identity:Jwt:Secret", JwtMint.Secret);

    private static JsonObject With(JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return json;
    }

    private static JsonObject Without(string claim)
    {
        var claims = JwtMint.Claims();
        claims.Remove(claim);
        return claims;
    }

    private static string Unsigned(JsonObject header) => $"{Part(header)}.{Part(JwtMint.Claims())}.";

    /// <summary>Another header and payload under the signature of a good token.</summary>
    private static string Resigned(string token, JsonObject header, JsonObject? claims = null) =>
        $"{Part(header)}.{Part(claims ?? JwtMint.Claims())}.{token[(token.LastIndexOf('.') + 1)..]}";

    private static string Part(JsonObject json) => JwtMint.Encode(Encoding.UTF8.GetBytes(json.ToJsonString()));

    /// <summary>32 bytes leave two bits of the 43rd character unused: they decode to the same bytes and make another text.</summary>
    private static string StrayBits(string token)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token[..^1] + Alphabet[Alphabet.IndexOf(token[^1], StringComparison.Ordinal) + 1];
    }
}
