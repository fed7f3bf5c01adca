using Gateway.Admin;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Gateway.Tests.Admin;

/// <summary>Under which names the admin listener is asked. Holds docs/contract.md section 9: Host.</summary>
public sealed class AdminHostTests
{
    [Theory]
    [InlineData("127.0.0.1:9901", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3:80", true)]
    [InlineData("[::1]:9901", true)]
    [InlineData("[::ffff:127.0.0.1]:9901", true)]
    [InlineData("[fd00::7]", true)]
    [InlineData("localhost:9901", true)]
    [InlineData("LocalHost", true)]
    [InlineData("localhost.", true)]
    [InlineData("gateway.localhost:9901", true)]
    [InlineData("gateway:9901", true)]
    [InlineData("gateway_1:9901", true)]
    [InlineData("", true)]
    [InlineData("gw.internal.example:9901", true)]
    [InlineData("GW.internal.example.", true)]
    [InlineData("one.ops.example:9901", true)]
    [InlineData("a.one.ops.example", true)]
    [InlineData("metrics.example", true)]
    [InlineData("ops.example", false)]
    [InlineData("x.metrics.example", false)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:9901", false)]
    [InlineData("evil.example.", false)]
    [InlineData("127.0.0.1.evil.example:9901", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("evil-localhost.example", false)]
    [InlineData("x.gw.internal.example", false)]
    [InlineData("127-0-0-1.nip.example", false)]
    [InlineData("0x7f.1.example", false)]
    public void Include_Host_IsOneThatNoStrangerCanOwn(string host, bool included)
    {
        var options = new AdminOptions { Hosts = { "*.ops.example", "metrics.example" } };
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
            [new("Kestrel:Endpoints:Admin:Url", "http://gw.internal.example:9901")]).Build();

        Assert.Equal(included, new AdminHosts(Options.Create(options), settings).Include(new HostString(host)));
    }

    [Theory]
    [InlineData("gateway.example.org", null)]
    [InlineData("*.example.org", null)]
    [InlineData("10.0.0.1", "a name")]
    [InlineData("http://gateway.example.org", "a name without scheme and port")]
    [InlineData("gateway.example.org:9901", "a name without scheme and port")]
    [InlineData("gateway.example.org/", "a name")]
    [InlineData("*", "a name")]
    [InlineData("*.", "a name")]
    [InlineData("a.*.example.org", "a name")]
    [InlineData("", "a name")]
    public void Check_Hosts_AreNames(string name, string? fault)
    {
        var faults = new ServiceDefaults.Options.OptionFaults("Admin");

        AdminOptions.Check(new AdminOptions { Hosts = { "ok.example", name } }, faults);

        if (fault is null)
            Assert.Empty(faults.All);
        else
            Assert.Contains($"Admin:Hosts:1: \"{name}\", expected {fault}", Assert.Single(faults.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForeignHost_OnEveryPath_ReadsNothing()
    {
        await using var gateway = await new GatewaySetup().Option("Admin:Hosts:0", "listed.example").StartAsync();

        foreach (var path in (string[])["/metrics", "/livez", "/readyz", "/status", "/explain?path=/", "/console", "/", "/nothing"])
        {
            using var foreign = await AskAsync(gateway, path, "evil.example");
            using var listed = await AskAsync(gateway, path, "listed.example:9901");

            Assert.Equal(421, (int)foreign.StatusCode);
            var problem = await foreign.ProblemAsync();
            Assert.Equal("misdirected-request", problem.GetProperty("code").GetString());
            Assert.Contains("evil.example", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Contains("Admin:Hosts", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.NotEqual(421, (int)listed.StatusCode);
        }

        Assert.Equal("warning", (await gateway.Logs.MessageAsync("asked as evil.example")).GetProperty("level").GetString());
    }

    [Fact]
    public async Task Answers_OfEveryPath_AreShownInNoOtherPageAndKeptNowhere()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        foreach (var path in (string[])
            ["/metrics", "/livez", "/readyz", "/status", "/explain?path=/", "/explain", "/console", "/", "/openapi/v1.json", "/nothing"])
        {
            using var answer = await gateway.Admin.GetAsync(path);

            Assert.Contains("default-src 'none'; ", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Equal(("nosniff", "no-referrer"), (answer.Header("X-Content-Type-Options"), answer.Header("Referrer-Policy")));
            Assert.Equal(("same-origin", "same-origin"),
                (answer.Header("Cross-Origin-Resource-Policy"), answer.Header("Cross-Origin-Opener-Policy")));
            Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Reads_AreLoggedAtDebugOnly_AndRefusalsAtInformation()
    {
        await using var quiet = await new GatewaySetup().StartAsync();
        await using var loud = await new GatewaySetup().Option("Logging:LogLevel:Serilog", "Debug").StartAsync();

        foreach (var path in (string[])["/metrics", "/livez", "/readyz", "/status", "/explain?path=/", "/console", "/"])
        {
            (await quiet.Admin.GetAsync(path)).Dispose();
            using var answer = await loud.Admin.GetAsync(path);
            Assert.Equal("debug", (await loud.Logs.CompletionAsync(answer)).GetProperty("level").GetString());
        }

        using var refused = await quiet.Admin.GetAsync("/explain");
        Assert.Equal("information", (await quiet.Logs.CompletionAsync(refused)).GetProperty("level").GetString());
        Assert.Single(quiet.Logs.All, line => line.TryGetProperty("durationMs", out _));
    }

    private static async Task<HttpResponseMessage> AskAsync(GatewayHarness gateway, string path, string host)
    {
        using var request = GatewayHarness.Request(HttpMethod.Get, path);
        request.Headers.Host = host;
        return await gateway.Admin.SendAsync(request);
    }
}
