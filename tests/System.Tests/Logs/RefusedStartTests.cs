using Harness;

namespace SystemTests.Logs;

/// <summary>
/// A program that cannot start says why, and not with which secret.
/// Holds docs/contract.md section 1: processes and their settings.
/// </summary>
public sealed class RefusedStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("refused-start-").FullName;
    private readonly ConfigDirectory _config = new();

    [Theory]
    [InlineData("ConnectionStrings__Calendar", "Host=127.0.0.1;Pasword=" + Planted.Password)]
    [InlineData("ConnectionStrings__Calendar", "postgresql://postgres:" + Planted.Password + "@127.0.0.1:99999/calendar")]
    [InlineData("ConnectionStrings__Calendar", "mysql://postgres:" + Planted.Password + "@127.0.0.1/calendar")]
    [InlineData("ConnectionStrings__Calendar", "Host=127.0.0.1;Password=" + Planted.Password + ";SSL Mode=sometimes")]
    [InlineData("ConnectionStrings__Calendar", "postgresql://postgres:" + Planted.Password + "%40HOST:5432/db")]
    [InlineData("ConnectionStrings__Calendar", "host=127.0.0.1 password='" + Planted.Password + "' port=x")]
    [InlineData("ConnectionStrings__Calendar", "host=127.0.0.1 password=" + Planted.Password + " x")]
    [InlineData("Writer__OpenAI__BaseUrl", "ftp://me:" + Planted.AiKey + "@127.0.0.1/")]
    [InlineData("Writer__OpenAI__ApiKey", Planted.AiKey + " with a space")]
    [InlineData("Channels__x", Planted.ChannelToken)]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", Planted.ApiKey)]
    [InlineData("Generation__Lease", "soon")]
    public async Task Service_UnusableSetting_IsNamedWithoutItsSecret(string key, string value)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0",
            ["CALENDAR_DATA_DIR"] = _folder,
            ["Writer__Kind"] = "OpenAI",
            ["Writer__OpenAI__Model"] = "stub",
            ["Writer__OpenAI__ApiKey"] = Planted.AiKey,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318",
            [key] = value,
        };

        await AssertRefusedAsync("src/CalendarService", "CalendarService", settings, key);
    }

    /// <summary>The address is in order, but the password is in the wrong place, and nobody is there.</summary>
    [Theory]
    [InlineData("host=127.0.0.1 port=1 user=postgres password=" + Planted.Password)]
    [InlineData("postgresql://postgres:" + Planted.Password + "/calendar")]
    [InlineData("postgresql://canary-head-f2f2.invalid/calendar")]
    [InlineData("Host=canary-head-f2f2.invalid;Username=canary-head-f2f2;Database=canary-head-f2f2")]
    public async Task Service_StoreAway_IsSaidWithoutItsAddress(string address)
    {
        await using var service = ProgramProcess.Start(
            "dotnet", [Repository.Program("src/CalendarService", "CalendarService")],
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0",
                ["CALENDAR_DATA_DIR"] = _folder,
                ["ConnectionStrings__Calendar"] = address,
                ["Logging__LogLevel__Default"] = "Trace",
            });

        await Eventually.TrueAsync("the service says that its store is away", () => service.HasExited
            || service.Output.Any(line => line.Contains("Calendar store is away", StringComparison.Ordinal)));

        await service.SignalAsync("TERM");
        await service.ExitAsync();
        Assert.All(Planted.All, secret => Assert.DoesNotContain(secret, service.Errors, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(
            service.Output, line => line.Contains("CalendarService.", StringComparison.Ordinal) && line.Contains("   at "));
        await Checker.AssertCleanAsync(service.Output);
    }

    [Fact]
    public async Task Service_AddressInUse_IsNamed()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Kestrel__Endpoints__Http__Url"] = $"http://{taken.LocalEndpoint}",
            ["CALENDAR_DATA_DIR"] = _folder,
        };

        await AssertRefusedAsync("src/CalendarService", "CalendarService", settings, taken.LocalEndpoint.ToString()!);
    }

    [Theory]
    [InlineData("Identity__Jwt__Secret", Planted.Basic)]
    [InlineData("Identity__Jwt__Jwks", "http://user:" + Planted.Basic + "@127.0.0.1/keys")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector?token=" + Planted.ApiKey)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "1.5")]
    [InlineData("Streams__IdleLimit", "soon")]
    [InlineData("Overload__Queue", "short")]
    public async Task Gateway_UnusableSetting_IsNamedWithoutItsSecret(string key, string value)
    {
        var settings = GatewaySettings();
        settings["Identity__Jwt__Issuer"] = settings["Identity__Jwt__Audience"] = "a";
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318";
        settings["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio";
        settings[key] = value;

        await AssertRefusedAsync("src/Gateway", "gateway", settings, key);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1:0", "ftp")]
    [InlineData("http://203.0.113.7:9", "Kestrel__Endpoints")] // RFC 5737: nobody's.
    public async Task Gateway_AddressThatCannotBeListenedOn_IsNamed(string address, string names)
    {
        var settings = GatewaySettings();
        settings["Kestrel__Endpoints__Public__Url"] = address;

        await AssertRefusedAsync("src/Gateway", "gateway", settings, names);
    }

    [Fact]
    public async Task Gateway_AddressWithCredentials_IsNamedWithoutThem()
    {
        _config.Point("legacy", new Uri($"ftp://user:{Planted.Config}@127.0.0.1:{OwnPorts.Nowhere.Port}"));

        await AssertRefusedAsync("src/Gateway", "gateway", GatewaySettings(), "legacy-1");
    }

    public void Dispose()
    {
        _config.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Dictionary<string, string?> GatewaySettings() => new(StringComparer.Ordinal)
    {
        ["GATEWAY_CONFIG_DIR"] = _config.Save().Path,
        ["Kestrel__Endpoints__Public__Url"] = "http://127.0.0.1:0",
        ["Kestrel__Endpoints__Admin__Url"] = "http://127.0.0.1:0",
    };

    private static async Task AssertRefusedAsync(string project, string assembly, Dictionary<string, string?> settings, string names)
    {
        await using var program = ProgramProcess.Start("dotnet", [Repository.Program(project, assembly)], settings);

        Assert.Equal(1, await program.ExitAsync());
        Assert.Contains(names.Replace("__", ":"), program.Errors, StringComparison.Ordinal);
        Assert.All(Planted.All, secret => Assert.DoesNotContain(secret, program.Errors, StringComparison.OrdinalIgnoreCase));
        await Checker.AssertCleanAsync(program.Output);
    }
}
