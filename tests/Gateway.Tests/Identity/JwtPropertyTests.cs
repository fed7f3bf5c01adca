using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Identity.Jwt;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.Tests.Identity;

/// <summary>What holds for every token, over generated ones. A seed makes the same tokens each time, but for keys and clock.</summary>
public sealed class JwtPropertyTests : IAsyncLifetime
{
    private readonly JwtMint _mint = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"jwks-{Guid.NewGuid():n}.json");
    private readonly List<ServiceProvider> _services = [];

    public async ValueTask InitializeAsync() => await File.WriteAllTextAsync(_file, _mint.Jwks());

    public async ValueTask DisposeAsync()
    {
        foreach (var services in _services)
            await services.DisposeAsync();
        _mint.Dispose();
        File.Delete(_file);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Token_ThatWeAccept_TheLibraryAloneAcceptsToo(int seed)
    {
        var random = new Random(seed);
        var (secret, keys) = (await StartAsync(o => o.Secret = JwtMint.Secret), await StartAsync(o => o.Jwks = _file));
        var (library, accepted) = (BareLibrary.Keys(_mint.Jwks()), 0);
        for (var i = 0; i < 1000; i++)
        {
            var (token, user) = JwtGenerator.Build(random, _mint);
            var bySecret = random.Next(2) == 0;
            if (await (bySecret ? secret : keys).VerifyAsync(token, default) is not TokenOutcome.Accepted { Caller: var caller })
                continue;
            accepted++;
            Assert.Equal(user, caller.UserId);
            var alone = await BareLibrary.AcceptsAsync(token, bySecret ? BareLibrary.Secret : library);
            Assert.True(alone, $"only we accept {Readable(token)}");
        }

        Assert.InRange(accepted, 50, 950); // Of both kinds enough to mean something.
    }

    [Theory]
    [InlineData("HS256", 1)]
    [InlineData("HS256", 2)]
    [InlineData("RS256", 3)]
    [InlineData("PS256", 4)]
    [InlineData("ES256", 5)]
    [InlineData("ES384", 6)]
    public async Task Token_Changed_IsNobodyElse(string algorithm, int seed)
    {
        var random = new Random(seed);
        var symmetric = algorithm == "HS256";
        var verifier = await StartAsync(o => (o.Secret, o.Jwks) = (symmetric ? JwtMint.Secret : null, symmetric ? null : _file));
        using var stranger = new JwtMint();
        Dictionary<string, string> valid = new(StringComparer.Ordinal)
        {
            [_mint.Sign(JwtMint.Claims("alice"), JwtMint.Header(algorithm))] = "alice",
            [_mint.Sign(JwtMint.Claims("bob"), JwtMint.Header(algorithm))] = "bob",
        };
        string[] pool =
        [
            .. valid.Keys, stranger.Sign(JwtMint.Claims("root"), JwtMint.Header(symmetric ? "ES256" : algorithm)),
            _mint.Sign(JwtMint.Claims("root", TimeSpan.FromHours(-1)), JwtMint.Header(algorithm)),
        ];
        foreach (var (token, user) in valid)
            Assert.Equal(user, Assert.IsType<TokenOutcome.Accepted>(await verifier.VerifyAsync(token, default)).Caller.UserId);

        for (var i = 0; i < 1500; i++)
        {
            var token = valid.Keys.ElementAt(random.Next(2));
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                token = JwtGenerator.Change(random, token, pool);
            if (await verifier.VerifyAsync(token, default) is TokenOutcome.Accepted { Caller: var caller })
                Assert.True(valid.TryGetValue(token, out var user) && user == caller.UserId, $"as {caller.UserId}: {Readable(token)}");
        }
    }

    /// <summary>The same signature in another notation is another text, and of two texts for one token the second is refused.</summary>
    [Fact]
    public async Task EllipticSignature_AsDer_IsRefused()
    {
        var verifier = await StartAsync(o => o.Jwks = _file);
        var token = _mint.Sign(header: JwtMint.Header("ES256", "p256"));
        var input = token[..token.LastIndexOf('.')];
        var der = _mint.P256.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        Assert.Equal(
            new TokenOutcome.Refused(TokenFault.BadSignature), await verifier.VerifyAsync($"{input}.{JwtMint.Encode(der)}", default));
    }

    private async Task<TokenVerifier> StartAsync(Action<JwtOptions> configure)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddBearerTokens();
        services.AddSingleton(Options.Create(Configured(configure)));
        var provider = services.BuildServiceProvider();
        _services.Add(provider);
        await provider.GetRequiredService<TokenKeys>().StartAsync(default);
        await Eventually.TrueAsync("there are keys", () => provider.GetRequiredService<TokenKeys>().Current is not null);
        return provider.GetRequiredService<TokenVerifier>();
    }

    private static JwtOptions Configured(Action<JwtOptions> configure)
    {
        var options = new JwtOptions { Issuer = JwtMint.Issuer, Audience = JwtMint.Audience, JwksCooldown = TimeSpan.FromHours(1) };
        configure(options);
        return options;
    }

    private static string Readable(string token) => $"{string.Join(" . ", token.Split('.').Take(2).Select(Decode))}: {token}";

    private static string Decode(string part) =>
        Base64Url.IsValid(part) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part)) : part;
}
