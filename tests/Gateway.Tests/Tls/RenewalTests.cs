using System.Net.Security;
using System.Net.Sockets;
using Gateway.Tests.CommandLine;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Options;

namespace Gateway.Tests.Tls;

/// <summary>Holds docs/contract.md section 2: renewed certificates.</summary>
public sealed class RenewalTests : IDisposable
{
    private const string Endpoint = "Kestrel:Endpoints:Secure";

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-tls-").FullName;

    [Fact]
    public async Task Files_OverwrittenOneAfterTheOther_AreServedOnceTheyAreAPair()
    {
        var (old, renewed) = (new TestCertificate(), new TestCertificate(TimeProvider.System.GetUtcNow().AddDays(90)));
        Write(old);
        await using var gateway = await StartAsync();
        Assert.Equal(old.Name, await ServedNameAsync(gateway));
        Assert.Equal(old.NotAfter.ToUnixTimeSeconds(), await ExpiryAsync(gateway));

        await File.WriteAllTextAsync(Path.Combine(_folder, "tls.crt"), renewed.Pem);
        await gateway.Logs.MessageAsync("The new certificate of Secure is refused");
        Assert.Equal(old.Name, await ServedNameAsync(gateway));
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_certificate_last_reload_successful", ("endpoint", "Secure")));
        await File.WriteAllTextAsync(Path.Combine(_folder, "tls.key"), renewed.Key);

        await Eventually.TrueAsync("the renewed one is served", async () => await ServedNameAsync(gateway) == renewed.Name);
        Assert.Equal(renewed.NotAfter.ToUnixTimeSeconds(), await ExpiryAsync(gateway));
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_certificate_last_reload_successful", ("endpoint", "Secure")));
        await gateway.Logs.MessageAsync("The certificate of Secure is renewed");
    }

    /// <summary>As Kubernetes renews a Secret: a link to a folder that is never written twice.</summary>
    [Fact]
    public async Task Folder_SwappedByItsLink_IsServed()
    {
        var (old, renewed) = (new TestCertificate(), new TestCertificate());
        Link(old);
        await using var gateway = await StartAsync("..data/");

        Link(renewed);

        await Eventually.TrueAsync("the renewed one is served", async () => await ServedNameAsync(gateway) == renewed.Name);
    }

    [Fact]
    public async Task Pfx_Overwritten_IsServed()
    {
        var (old, renewed) = (new TestCertificate(), new TestCertificate());
        var file = Path.Combine(_folder, "tls.pfx");
        await File.WriteAllBytesAsync(file, old.Pfx("pass"));
        await using var gateway = await new GatewaySetup().Option("Tls:CertificateRefresh", "00:00:00.050")
            .Option($"{Endpoint}:Url", "https://127.0.0.1:0").Option($"{Endpoint}:Certificate:Path", file)
            .Option($"{Endpoint}:Certificate:Password", "pass").StartAsync();

        await File.WriteAllBytesAsync(file, renewed.Pfx("pass"));

        await Eventually.TrueAsync("the renewed one is served", async () => await ServedNameAsync(gateway) == renewed.Name);
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("ended")]
    [InlineData("for clients")]
    [InlineData("gone")]
    public async Task Files_ThatNobodyCouldUse_AreRefusedAndSaidOnce(string fault)
    {
        var old = new TestCertificate();
        Write(old);
        await using var gateway = await StartAsync();
        switch (fault)
        {
            case "broken":
                await File.WriteAllTextAsync(Path.Combine(_folder, "tls.crt"), old.Pem[..200]);
                break;
            case "ended":
                Write(new TestCertificate(TimeProvider.System.GetUtcNow().AddDays(-1)));
                break;
            case "for clients":
                Write(new TestCertificate(use: "1.3.6.1.5.5.7.3.2"));
                break;
            default:
                File.Delete(Path.Combine(_folder, "tls.key"));
                break;
        }

        await gateway.Logs.MessageAsync("The new certificate of Secure is refused");

        Assert.Equal(old.Name, await ServedNameAsync(gateway));
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_certificate_last_reload_successful", ("endpoint", "Secure")));
        Write(old);
        await Eventually.TrueAsync("the old ones are back", async () =>
            (await gateway.MetricsAsync()).Value("gateway_certificate_last_reload_successful", ("endpoint", "Secure")) == 1);
        // A pair that is written in two steps may be looked at in between.
        if (fault is "broken" or "gone")
            Assert.Single(gateway.Logs.Raw, line => line.Contains("is refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("broken")]
    [InlineData("another's key")]
    public async Task Start_WithFilesThatNobodyCouldUse_IsRefusedInWords(string fault)
    {
        Write(new TestCertificate());
        if (fault == "gone")
            File.Delete(Path.Combine(_folder, "tls.crt"));
        else
            await File.WriteAllTextAsync(Path.Combine(_folder, "tls.key"), fault == "broken" ? "junk" : new TestCertificate().Key);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync());

        Assert.StartsWith($"{Endpoint}:Certificate: \"", Assert.Single(error.FindOptionFaults()!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerName_WithACertificateOfItsOwn_IsRenewedToo()
    {
        var (old, renewed, other) = (new TestCertificate(), new TestCertificate(), new TestCertificate());
        Write(old);
        Write(other, "other");
        await using var gateway = await Setup("").Option($"{Endpoint}:Sni:*.shop.example:Certificate:Path", Path.Combine(_folder, "other.crt"))
            .Option($"{Endpoint}:Sni:*.shop.example:Certificate:KeyPath", Path.Combine(_folder, "other.key"))
            .Option($"{Endpoint}:Sni:*:Protocols", "Http1").StartAsync();
        Assert.Equal((other.Name, old.Name), (await ServedNameAsync(gateway, "eu.shop.example"), await ServedNameAsync(gateway)));

        Write(renewed, "other");

        await Eventually.TrueAsync("the renewed one is served", async () => await ServedNameAsync(gateway, "eu.shop.example") == renewed.Name);
        Assert.Equal(old.Name, await ServedNameAsync(gateway));
    }

    [Fact]
    public async Task HealthCheck_OfASelfSignedListener_IsAnswered()
    {
        Write(new TestCertificate());
        await using var gateway = await new GatewaySetup().Option("Kestrel:Endpoints:Admin:Url", "https://127.0.0.1:0")
            .Option("Kestrel:Endpoints:Admin:Certificate:Path", Path.Combine(_folder, "tls.crt"))
            .Option("Kestrel:Endpoints:Admin:Certificate:KeyPath", Path.Combine(_folder, "tls.key")).StartAsync();

        var (code, output) = await CommandRun.RunAsync("healthcheck", "--url", gateway.AdminAddress.ToString());

        Assert.True(code == 0, output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<GatewayHarness> StartAsync(string below = "") => Setup(below).StartAsync();

    private GatewaySetup Setup(string below) => new GatewaySetup().Option("Tls:CertificateRefresh", "00:00:00.050")
        .Option($"{Endpoint}:Url", "https://127.0.0.1:0").Option($"{Endpoint}:Certificate:Path", Path.Combine(_folder, below + "tls.crt"))
        .Option($"{Endpoint}:Certificate:KeyPath", Path.Combine(_folder, below + "tls.key"));

    private void Write(TestCertificate certificate, string name = "tls")
    {
        File.WriteAllText(Path.Combine(_folder, name + ".crt"), certificate.Pem);
        File.WriteAllText(Path.Combine(_folder, name + ".key"), certificate.Key);
    }

    private void Link(TestCertificate certificate)
    {
        var version = Directory.CreateDirectory(Path.Combine(_folder, $"..{Guid.NewGuid():n}")).FullName;
        File.WriteAllText(Path.Combine(version, "tls.crt"), certificate.Pem);
        File.WriteAllText(Path.Combine(version, "tls.key"), certificate.Key);
        var next = Path.Combine(_folder, "..data_tmp");
        File.CreateSymbolicLink(next, Path.GetFileName(version));
        // rename(2): File.Move looks through a link to a folder and finds no file.
        using var rename = System.Diagnostics.Process.Start("mv", ["-T", next, Path.Combine(_folder, "..data")]);
        rename.WaitForExit();
    }

    private static async Task<double> ExpiryAsync(GatewayHarness gateway) =>
        (await gateway.MetricsAsync()).Value("gateway_certificate_expiry_timestamp_seconds", ("endpoint", "Secure"));

    private static async Task<string> ServedNameAsync(GatewayHarness gateway, string serverName = "localhost")
    {
        var address = new Uri(gateway.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Single(a => a.StartsWith("https:", StringComparison.Ordinal)));
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, served, _, _) => served is not null);
        await tls.AuthenticateAsClientAsync(serverName);
        return tls.RemoteCertificate!.Subject;
    }
}
