using Microsoft.Extensions.Options;

namespace Gateway.Tests.Identity;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class JwtOptionsTests
{
    [Theory]
    [InlineData("Secret", "short", "Identity:Jwt:Secret: \"(5 bytes)\", expected at least 32 bytes")]
    [InlineData("Jwks", "/no/such/file", "Identity:Jwt:Jwks: \"/no/such/file\", expected an http(s) URL, or a readable file")]
    [InlineData("Jwks", "http://user:pw@issuer.test/keys", "Identity:Jwt:Jwks: \"(hidden)\", expected a URL without user and password")]
    [InlineData("ClockSkew", "00:10:00", "Identity:Jwt:ClockSkew: \"00:10:00\", expected from 00:00:00 to 00:05:00")]
    [InlineData("JwksRefresh", "00:00:00.5", "Identity:Jwt:JwksRefresh")]
    [InlineData("JwksCooldown", "00:00:00", "Identity:Jwt:JwksCooldown")]
    [InlineData("JwksTimeout", "00:01:00", "Identity:Jwt:JwksTimeout")]
    [InlineData("UserClaim", "", "Identity:Jwt:UserClaim")]
    [InlineData("GroupsClaim", "", "Identity:Jwt:GroupsClaim")]
    public async Task Option_OutOfRange_StopsTheStartAndIsNamed(string key, string value, string expected)
    {
        var setup = new GatewaySetup().Option("Identity:Jwt:" + key, value);
        var error = await Assert.ThrowsAnyAsync<Exception>(setup.StartAsync);
        Assert.Contains(Failures(error), f => f.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_SeveralFaults_AreReportedAtOnceAndWithoutTheSecret()
    {
        var setup = new GatewaySetup()
            .Option("Identity:Jwt:Secret", "this-is-thirty-two-bytes-or-more!").Option("Identity:Jwt:Jwks", "http://issuer.test/keys")
            .Option("Limits:RequestLineBytes", "1");
        var failures = Failures(await Assert.ThrowsAnyAsync<Exception>(setup.StartAsync));
        Assert.Contains(failures, f => f.StartsWith("Identity:Jwt:Issuer:", StringComparison.Ordinal));
        Assert.Contains(failures, f => f.StartsWith("Identity:Jwt:Audience:", StringComparison.Ordinal));
        Assert.Contains("Identity:Jwt:Secret: \"(hidden)\", expected exactly one of Secret and Jwks", failures);
        Assert.Contains(failures, f => f.StartsWith("Limits:RequestLineBytes:", StringComparison.Ordinal));
        Assert.DoesNotContain(failures, f => f.Contains("thirty-two", StringComparison.Ordinal));
    }

    private static string[] Failures(Exception error) => error switch
    {
        OptionsValidationException one => [.. one.Failures],
        AggregateException all => [.. all.InnerExceptions.SelectMany(Failures)],
        _ => [error.ToString()],
    };
}
