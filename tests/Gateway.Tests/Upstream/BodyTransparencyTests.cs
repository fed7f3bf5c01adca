using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Tests.Upstream;

/// <summary>Bodies and trailers pass as they are, and while they are still being sent (docs/contract.md section 2).</summary>
public sealed class BodyTransparencyTests
{
    [Fact]
    public async Task Gzip_Body_IsNotTouched()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        byte[] bytes = [0x1f, 0x8b, 8, 0, 1, 2, 3];
        legacy.Answers(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(bytes).AsTask();
        });
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", null, ("Accept-Encoding", "gzip, br"));

        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("gzip, br", legacy.Requests[0].Header("Accept-Encoding"));
    }

    [Fact]
    public async Task Trailers_OfAnHttp2Backend_ReachAnHttp2Client()
    {
        await using var legacy = await StubBackend.StartAsync("legacy", HttpProtocols.Http2);
        legacy.Answers(async context =>
        {
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.WriteAsync("body");
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var gateway = await new GatewaySetup(null, legacy).Option("Kestrel:Endpoints:Public:Protocols", "Http2")
            .Edit(c => c.Clusters["legacy"]!["HttpRequest"] =
                new System.Text.Json.Nodes.JsonObject { ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact" })
            .StartAsync();
        using var request = GatewayHarness.Request(HttpMethod.Post, "/service/Call");
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(("body", "legacy"), (await response.TextAsync(), response.ServedBy()));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("HTTP/2", legacy.Requests.Single().Protocol);
    }

    /// <summary>Head, piece and break come together: the server drops what it has not yet sent of an answer that it cuts off.</summary>
    [Theory]
    [InlineData("1.1", "text/event-stream")]
    [InlineData("1.1", "application/json")]
    [InlineData("2.0", "text/event-stream")]
    [InlineData("2.0", "application/json")]
    public async Task Body_BreaksAfterItsFirstPiece_ThePieceArrivesAndThenTheBreak(string version, string type)
    {
        await using var legacy = new EarlyBackend(
            $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\na\r\ndata: hi\n\n\r\n", 0, Ending.Close);
        await using var gateway = await new GatewaySetup().Edit(config =>
            config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = legacy.Address.ToString()).StartAsync();

        for (var i = 0; i < 8; i++)
        {
            using var request = GatewayHarness.Request(HttpMethod.Get, "/feed");
            (request.Version, request.VersionPolicy) = (new(version), HttpVersionPolicy.RequestVersionExact);
            using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await response.Content.ReadAsStreamAsync();
            var piece = new byte[10];
            await stream.ReadExactlyAsync(piece);
            Assert.Equal("data: hi\n\n"u8.ToArray(), piece);
            await Assert.ThrowsAnyAsync<Exception>(() => stream.ReadAsync(piece).AsTask());
        }
    }

    [Fact]
    public async Task Expect100_IsAnsweredByTheGatewayAndTheBodyArrives()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        using var request = GatewayHarness.Request(HttpMethod.Put, "/file", null, new StringContent("body"));
        request.Headers.ExpectContinue = true;

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal("body", legacy.Requests.Single().BodyText);
    }

    [Fact]
    public async Task Upload_StillRunning_ReachesLegacyAlready()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.ReadsBody = false;
        var firstByte = new TaskCompletionSource();
        var (total, held) = (0L, 0L);
        legacy.Answers(async context =>
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
            {
                total += read;
                firstByte.TrySetResult();
            }

            held = GC.GetTotalMemory(forceFullCollection: true); // The request is still open: what buffered it would hold it now.
        });
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        const long Size = 200L * 1024 * 1024;
        var chunk = new byte[64 * 1024];
        using var body = new LiveContent(
            async stream =>
            {
                await stream.WriteAsync(chunk);
                await stream.FlushAsync();
                await firstByte.Task.WaitAsync(TimeSpan.FromSeconds(20)); // Here while the rest is not even written.
                for (var sent = (long)chunk.Length; sent < Size; sent += chunk.Length)
                    await stream.WriteAsync(chunk);
            },
            Size);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Put, "/file", null, body));

        Assert.Equal((200, Size), ((int)response.StatusCode, total));
        Assert.InRange(held - before, long.MinValue, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Download_StillRunning_ReachesTheClientAlready()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        const long Size = 200L * 1024 * 1024;
        var clientHasFirst = new TaskCompletionSource();
        legacy.Answers(async context =>
        {
            var chunk = new byte[64 * 1024];
            context.Response.ContentLength = Size;
            await context.Response.Body.WriteAsync(chunk);
            await clientHasFirst.Task.WaitAsync(TimeSpan.FromSeconds(20));
            for (var sent = (long)chunk.Length; sent < Size; sent += chunk.Length)
                await context.Response.Body.WriteAsync(chunk);
        });
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Get, "/file"), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var total = (long)await stream.ReadAsync(buffer);
        clientHasFirst.SetResult();
        while (await stream.ReadAsync(buffer) is var read and > 0)
            total += read;

        Assert.Equal((Size, Size), (total, response.Content.Headers.ContentLength));
    }
}
