using System.Text.Json;
using static Gateway.Tests.CommandLine.CommandRun;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: admin surface and command line.</summary>
public sealed class HealthCheckTests
{
    [Fact]
    public async Task HealthCheck_RunningAndStopped_Exits0And1()
    {
        string address;
        await using (var gateway = await new GatewaySetup().StartAsync())
        {
            address = gateway.AdminAddress.ToString();
            var (running, output) = await RunAsync("healthcheck", "--url", address, "--json");
            Assert.Equal(0, running);
            Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("ready").GetBoolean());
        }

        var (stopped, _) = await RunAsync("healthcheck", "--url", address);
        Assert.Equal(1, stopped);
    }

    /// <summary>As Kestrel's own addresses are written, and behind a proxy for the world that is not there.</summary>
    [Theory]
    [InlineData("http://0.0.0.0:0", "http://+:")]
    [InlineData("http://0.0.0.0:0", "http://*:")]
    [InlineData("http://0.0.0.0:0", "http://0.0.0.0:")]
    [InlineData("http://[::]:0", "http://[::]:")]
    [InlineData("http://127.0.0.1:0", "HTTP://localhost:")]
    public async Task HealthCheck_OfAnAddressAsListenersHaveIt_AsksThisMachine(string listener, string written)
    {
        await using var gateway = await new GatewaySetup().Option("Kestrel:Endpoints:Admin:Url", listener).StartAsync();

        var (code, output) = await RunAsync("healthcheck", "--url", written + gateway.AdminAddress.Port);

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task HealthCheck_BehindAProxy_AsksTheGatewayOfItsSettings()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var asked = await GatewayProcess.RunAsync(
            ["healthcheck"], ("http_proxy", "http://127.0.0.1:9"), ("HTTP_PROXY", "http://127.0.0.1:9"), ("all_proxy", "http://127.0.0.1:9"),
            ("Kestrel__Endpoints__Admin__Url", $"http://+:{gateway.AdminAddress.Port}"));

        Assert.True(asked.ExitCode == 0, asked.Output + asked.Error);
    }

    /// <summary>What a script waits for after a start: of the gateway, and of a backend that came back.</summary>
    [Fact]
    public async Task HealthCheck_Waiting_IsReadyWhenProbesHaveSeenEverybodyAndTheRampIsOver()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var health = -1; // No answer yet.
        calendar.HealthAnswer = () => SpinWait.SpinUntil(() => Volatile.Read(ref health) > 0, 10_000) ? Volatile.Read(ref health) : 500;
        await using var gateway = await new GatewaySetup(calendar).Open().Probing("calendar").Option("Upstream:Ramp", "00:00:00.500")
            .StartAsync();
        Task<(int Code, string Output)> AskAsync(params string[] more) =>
            RunAsync(["healthcheck", "--url", gateway.AdminAddress.ToString(), .. more]);

        Assert.Equal(0, (await AskAsync()).Code);
        var unseen = await AskAsync("--wait", "0");
        Assert.Equal((1, true), (unseen.Code, unseen.Output.Contains("calendar has not been probed yet", StringComparison.Ordinal)));
        var waiting = AskAsync("--wait", "30");
        Volatile.Write(ref health, 503);
        Assert.Equal(0, (await waiting).Code); // Seen to be down is seen.

        var away = await AskAsync("--serves", "calendar");
        Assert.Equal((1, true), (away.Code, away.Output.Contains("calendar is unhealthy", StringComparison.Ordinal)));
        Assert.Contains("there is no backend calender", (await AskAsync("--serves", "calender")).Output, StringComparison.Ordinal);
        Volatile.Write(ref health, 200);
        Assert.Equal(0, (await AskAsync("--wait", "30", "--serves", "calendar")).Code);
        var backend = (await gateway.StatusAsync()).GetProperty("backends").EnumerateArray()
            .Single(b => b.GetProperty("id").GetString() == "calendar");
        Assert.Equal((true, 1d), (backend.GetProperty("probed").GetBoolean(), backend.GetProperty("ramp").GetDouble()));
        Assert.NotEqual(0, (await AskAsync("--wait", "-1")).Code);
    }

    [Fact]
    public async Task HealthCheck_OfASocketFile_AsksThroughIt()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-socket-");
        var address = $"http://unix:{folder.FullName}/admin.sock";
        await using (await new GatewaySetup().Option("Kestrel:Endpoints:Admin:Url", address).StartAsync())
        {
            Assert.Equal(0, (await RunAsync("healthcheck", "--url", address)).Code);
            Assert.Contains(address, (await RunAsync("explain", "/page", "--admin", address)).Output, StringComparison.Ordinal);
        }

        var (code, output) = await RunAsync("healthcheck", "--url", address);
        Assert.Equal(1, code);
        Assert.Contains("there is no socket", output, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task HealthCheck_OfASelfSignedListener_BelievesIt()
    {
        using var certificate = new TlsCertificate();
        await using var gateway = await new GatewaySetup().Option("Kestrel:Endpoints:Admin:Url", "https://0.0.0.0:0")
            .Option("Kestrel:Endpoints:Admin:Certificate:Path", certificate.Path).StartAsync();

        var (code, output) = await RunAsync("healthcheck", "--url", $"https://+:{gateway.AdminAddress.Port}");

        Assert.True(code == 0, output);
    }

    [Theory]
    [InlineData("127.0.0.1:9901")]
    [InlineData("ftp://127.0.0.1:9901")]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:9901/readyz")]
    [InlineData("http://127.0.0.1:99011")]
    [InlineData("http://ada:secret@127.0.0.1:9901")]
    [InlineData("http://pipe:/gateway")]
    [InlineData("http://")]
    public async Task Address_OfNoListener_IsWrongUsageOfEveryCommand(string url)
    {
        foreach (var command in (string[][])[["healthcheck", "--url"], ["explain", "/", "--admin"], ["smoke", "--user=ada", "--url"]])
        {
            var run = await CommandRun.WholeAsync([.. command, url]);

            Assert.Equal((2, ""), (run.Code, run.Output));
            Assert.Contains("is not an http or https address", run.Errors, StringComparison.Ordinal);
        }
    }
}
