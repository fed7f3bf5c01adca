using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>
/// HTTP/2 with prior knowledge and HTTP/1.1 on one port in clear.
/// Holds docs/contract.md section 2: what legacy speaks passes.
/// </summary>
public sealed class ClearHttp2Tests : IAsyncLifetime
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private const string Settings = "\0\0\0\u0004\0\0\0\0\0";

    private StubBackend _legacy = null!;
    private GatewayHarness _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _legacy = await StubBackend.StartAsync("legacy");
        _gateway = await new GatewaySetup(null, _legacy)
            .Option("Limits:KeepAliveTimeout", "00:00:02").Option("Limits:RequestHeadersTimeout", "00:00:00.300").StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _legacy.DisposeAsync();
    }

    [Fact]
    public async Task Request_OfEitherVersion_IsAnsweredOnTheSamePort()
    {
        foreach (var version in (Version[])[HttpVersion.Version20, HttpVersion.Version11, HttpVersion.Version20])
        {
            using var request = GatewayHarness.Request(HttpMethod.Post, "/form", "alice", new StringContent("a=1"));
            (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
            using var response = await _gateway.Client.SendAsync(request);
            Assert.Equal((version, 200, "legacy"), (response.Version, (int)response.StatusCode, response.ServedBy()));
            await _gateway.Logs.CompletionAsync(response);
        }

        Assert.All(_legacy.Requests, seen => Assert.Equal(("a=1", "alice"), (seen.BodyText, seen.Header("X-User-Id"))));
        Assert.Equal(3, _legacy.Requests.Count);
    }

    [Fact]
    public async Task Request_ToTheAdminListener_IsAnsweredThereAndNowhereElse()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/livez")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await _gateway.Admin.SendAsync(request);
        Assert.Equal((HttpVersion.Version20, 200), (response.Version, (int)response.StatusCode));
        Assert.Empty(_legacy.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(14)]
    [InlineData(23)]
    public async Task Preface_InTwoPieces_IsAPreface(int first)
    {
        using var connection = await RawConnection.OpenAsync(_gateway.PublicAddress);
        await connection.WriteAsync(Preface[..first]);
        await Task.Delay(50);
        await connection.WriteAsync(Preface[first..] + Settings);
        Assert.Equal('\u0004', (await connection.ReadUntilAsync("\0\u0004\0"))[3]); // A SETTINGS frame.
    }

    [Theory]
    [InlineData("P")]
    [InlineData("PR")]
    [InlineData("PROPFIND /p HT")]
    public async Task Request_ThatBeginsAlmostLikeThePreface_IsHttp1(string first)
    {
        var request = "PROPFIND /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        using var connection = await RawConnection.OpenAsync(_gateway.PublicAddress);
        await connection.WriteAsync(first);
        await Task.Delay(50);
        await connection.WriteAsync(request[first.Length..]);
        Assert.Equal(200, Assert.Single(RawAnswer.ReadAll(await connection.ReadToEndAsync())).Status);
    }

    [Fact]
    public async Task Connection_ThatStopsInThePreface_IsClosedLikeAnUnfinishedHead()
    {
        var started = Stopwatch.GetTimestamp();
        Assert.Equal("", await RawConnection.TalkAsync(_gateway.PublicAddress, "PRI * HT"));
        Assert.Equal("", await RawConnection.TalkAsync(_gateway.PublicAddress, ""));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    /// <summary>Kestrel has two dozen critical lines, each with an exception, for one connection that floods it.</summary>
    [Fact]
    public void Flood_OfAnyClient_IsNoErrorOfOurs()
    {
        var loggers = _gateway.Services.GetRequiredService<ILoggerFactory>();

        Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Http2").IsEnabled(LogLevel.Critical));
        Assert.True(loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Error));
    }

    [Fact]
    public async Task Connection_ThatSaysNothing_DoesNotHoldTheShutdown()
    {
        await using var gateway = await new GatewaySetup(null, _legacy).StartAsync();
        using var silent = await RawConnection.OpenAsync(gateway.PublicAddress);
        using var begun = await RawConnection.OpenAsync(gateway.PublicAddress);
        await begun.WriteAsync("PRI");
        await gateway.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(("", ""), (await silent.ReadToEndAsync(), await begun.ReadToEndAsync()));
    }

    [Fact]
    public async Task Protocols_Http1_HasNoHttp2()
    {
        await using var gateway = await new GatewaySetup(null, _legacy).Option("Kestrel:Endpoints:Public:Protocols", "Http1").StartAsync();
        Assert.DoesNotContain("\0\u0004\0\0\0\0\0\u0001", await RawConnection.TalkAsync(gateway.PublicAddress, Preface + Settings));
        Assert.Equal(200, WireClient.StatusOf(await RawConnection.TalkAsync(gateway.PublicAddress, Get("/p", "Connection: close"))));
    }
}
