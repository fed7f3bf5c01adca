using ServiceDefaults.Options;
using ServiceDefaults.Starting;

namespace Gateway.Tests.Starting;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class StartTests
{
    private const string Duration = "a duration (d.hh:mm:ss.fff)";

    [Theory]
    [InlineData("Streams:IdleLimit", "soon", $"{Duration} from 00:00:00.1000000 to 01:00:00")]
    [InlineData("Streams:IdleLimit", "02:00:00", "from 00:00:00.1000000 to 01:00:00")]
    [InlineData("Limits:RequestLineBytes", "8k", "a whole number from 256 to 131072")]
    [InlineData("Limits:Connections", "99999999999999999999", "a whole number from 1 to 10000000")]
    [InlineData("Fallback:ReplayShare", "half", "a number from 0 to 1")]
    [InlineData("Upstream:Circuit:FailureRatio", "often", "a number from 0.01 to 1")]
    [InlineData("Overload:Queue", "", "a whole number from 0 to 100000")]
    [InlineData("Identity:TrustedProxies", "10.0.0.7", "a list, one value a key, the first as TrustedProxies:0")]
    [InlineData("Identity:TrustedProxies:0", "proxy", "an address or a network, as 10.0.0.0/8")]
    public async Task Value_ThatIsNoneOfItsKey_IsToldWithKeyValueAndRange(string key, string value, string expected) =>
        Assert.Equal([$"{key}: \"{value}\", expected {expected}"], await FaultsAsync((key, value)));

    [Fact]
    public async Task Options_OfEverySection_AreToldAtOnceWhoeverAsksFirst()
    {
        // The host asks for Shutdown and Kestrel for Limits long before the host validates.
        var faults = await FaultsAsync(
            ("Identity:TrustedProxies:0", "proxy"), ("Identity:Jwt:ClockSkew", "late"), ("Limits:RequestLineBytes", "1"),
            ("Streams:IdleLimit", "soon"), ("Fallback:ReplayShare", "3"), ("Upstream:Ramp", "0"), ("Upstream:Circuit:FailureRatio", "9"),
            ("Overload:Queue", "-1"), ("Shutdown:DrainDelay", "never"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
            ("OTEL_TRACES_SAMPLER", "sometimes"));

        string[] keys =
        [
            "Identity:TrustedProxies:0:", "Identity:Jwt:ClockSkew:", "Limits:RequestLineBytes:", "Streams:IdleLimit:",
            "Fallback:ReplayShare:", "Upstream:Ramp:", "Upstream:Circuit:FailureRatio:", "Overload:Queue:", "Shutdown:DrainDelay:",
            "OTEL_TRACES_SAMPLER:",
        ];
        Assert.All(keys, key => Assert.Single(faults, fault => fault.StartsWith(key, StringComparison.Ordinal)));
        Assert.Equal(keys.Length, faults.Count);
    }

    [Fact]
    public async Task Setting_ThatNobodyReads_IsNamedAndNoReasonNotToStart()
    {
        // An argument would be refused: whoever types it is there to be told.
        Environment.SetEnvironmentVariable("Streams__IdelLimit", "00:00:10");
        await using var gateway = await new GatewaySetup()
            .Option("Identity:Jwt:ClockSkew", "00:00:10").Option("Upstream:Circuit:BreakDuration", "00:00:10").StartAsync();
        Environment.SetEnvironmentVariable("Streams__IdelLimit", null);

        await gateway.Logs.MessageAsync("Ignored setting");
        var line = Assert.Single(gateway.Logs.Raw, line => line.Contains("Ignored setting", StringComparison.Ordinal));
        Assert.Contains("Ignored setting Streams:IdelLimit: not a known one; known here are IdleLimit", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port 8080", "\"--port\" is no setting")]
    [InlineData("--help-me", "\"--help-me\" is no setting")]
    [InlineData("--Streams:IdelLimit=00:00:10", "did you mean \"Streams:IdleLimit\"?")]
    [InlineData("Identity:Jwt:Issuer:x=y", "\"Identity:Jwt:Issuer:x\" is no setting")]
    [InlineData("--Kestrel:Endpoints:Public:Ulr=http://*:1", "did you mean \"Kestrel:Endpoints:*:Url\"?")]
    [InlineData("--Kestrel__Endpoints__Public__Url=http://*:1", "did you mean \"Kestrel:Endpoints:*:Url\"?")]
    [InlineData("CALENDAR_SERVICE_ENABLED=true", "\"CALENDAR_SERVICE_ENABLED\" is no setting")]
    [InlineData("--Identity:Jwt:Sceret=hunter22hunter22", "did you mean \"Identity:Jwt:Secret\"?")]
    [InlineData("/Limit:Connections 5", "did you mean \"Limits:Connections\"?")]
    [InlineData("--Streams:IdleLimit", "has no value")]
    [InlineData("--Streams:IdleLimit --Limits:Connections=5", "\"--Streams:IdleLimit\" has no value")]
    [InlineData("--Limits:Connections=5 check", "\"check\" is no setting")]
    [InlineData("-k=v", "\"-k\" is no setting")]
    [InlineData("--", "\"--\" is no setting")]
    [InlineData("=5", "\"\" is no setting")]
    public async Task Argument_ThatSetsNothing_IsRefusedBeforeAFileIsRead(string arguments, string said)
    {
        var refused = await Assert.ThrowsAsync<WrongUsageException>(
            () => GatewayApplication.BuildAsync([.. arguments.Split(' '), "--GATEWAY_CONFIG_DIR=/no/such/folder"]));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains("nothing was started", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>In every form that ASP.NET Core takes, also what it reads itself.</summary>
    [Theory]
    [InlineData("--streams:idlelimit=00:00:10")]
    [InlineData("/Streams:IdleLimit=00:00:10")]
    [InlineData("Streams:IdleLimit=00:00:10")]
    [InlineData("--Streams:IdleLimit 00:00:10")]
    [InlineData("/Streams:IdleLimit 00:00:10")]
    [InlineData("--Identity:TrustedProxies:0=10.0.0.7 --Identity:TrustedProxies:1=10.0.0.0/8")]
    [InlineData("--Kestrel:Endpoints:Public:Certificate:Path=a --Kestrel:Endpoints:Public:Sni:a.example:Certificate:KeyPath=b")]
    [InlineData("--Logging:LogLevel:Yarp.ReverseProxy=Debug --environment Staging --OTEL_SERVICE_NAME=edge --AllowedHosts=*")]
    public async Task Argument_ThatIsASetting_IsTaken(string arguments) =>
        // Its folder is refused, and that is found after the arguments are.
        await Assert.ThrowsAsync<Gateway.Configuration.ConfigurationRefusedException>(
            () => GatewayApplication.BuildAsync([.. arguments.Split(' '), "--GATEWAY_CONFIG_DIR=/no/such/folder"]));

    private static async Task<IReadOnlyList<string>> FaultsAsync(params (string Key, string Value)[] options)
    {
        var setup = new GatewaySetup();
        foreach (var (key, value) in options)
            setup.Option(key, value);
        var error = await Assert.ThrowsAnyAsync<Exception>(setup.StartAsync);
        return error.FindOptionFaults() ?? throw error;
    }
}
