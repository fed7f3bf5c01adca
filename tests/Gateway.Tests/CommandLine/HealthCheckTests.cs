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

    [Theory]
    [InlineData("127.0.0.1:9901")]
    [InlineData("ftp://127.0.0.1:9901")]
    [InlineData("nonsense")]
    public async Task HealthCheck_OfNoAddress_SaysSo(string url)
    {
        var (code, output) = await RunAsync("healthcheck", "--url", url);

        Assert.Equal(1, code);
        Assert.Contains("not an http or https address", output, StringComparison.Ordinal);
    }
}
