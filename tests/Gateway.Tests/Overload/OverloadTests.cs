using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Overload;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class OverloadTests
{
    [Theory]
    [InlineData("Overload:RoutePermits", "/pages/1", "/api/calendar/c1")]
    [InlineData("Overload:BackendPermits", "/pages/1", null)]
    public async Task Permits_AllTaken_QueueThenRefuse(string key, string full, string? free)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        var gate = new TaskCompletionSource();
        legacy.Answers(async context =>
        {
            await gate.Task;
            await context.Response.WriteAsync("legacy");
        });
        await using var gateway = await new GatewaySetup(calendar, legacy).Open()
            .Option(key, "2").Option("Overload:Queue", "1").Option("Overload:QueueTimeout", "00:00:50").StartAsync();
        Task<HttpResponseMessage>[] inside = [gateway.GetAsync(full), gateway.GetAsync(full)];
        await Eventually.TrueAsync("two requests are with legacy", () => legacy.Requests.Count == 2);
        Task<HttpResponseMessage>[] later = [gateway.GetAsync(full), gateway.GetAsync(full)];

        // One of the two waits in the queue, the other does not fit.
        using var refused = await await Task.WhenAny(later);

        Assert.Equal((503, "gateway", "refused"), ((int)refused.StatusCode, refused.ServedBy(), refused.Reason()));
        Assert.Equal("gateway; error=connection_limit_reached", refused.ProxyStatus());
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Equal("overloaded", await refused.ProblemCodeAsync());
        if (free is not null)
        {
            using var other = await gateway.GetAsync(free, "ada");
            Assert.Equal(200, (int)other.StatusCode);
        }

        gate.SetResult();
        foreach (var answer in await Task.WhenAll([.. inside, .. later]))
            Assert.Equal(ReferenceEquals(answer, refused) ? 503 : 200, (int)answer.StatusCode);
        Assert.Equal(3, legacy.Requests.Count);
    }

    [Fact]
    public async Task QueueTimeout_NoPermitInTime_Refuses()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Stalls();
        await using var gateway = await new GatewaySetup(null, legacy)
            .Option("Overload:RoutePermits", "1").Option("Overload:QueueTimeout", "00:00:00.050").StartAsync();
        using var leave = new CancellationTokenSource();
        var inside = gateway.Client.GetAsync("/pages/1", leave.Token);
        await Eventually.TrueAsync("one request is with legacy", () => legacy.Requests.Count == 1);

        using var refused = await gateway.GetAsync("/pages/1");

        Assert.Equal("overloaded", await refused.ProblemCodeAsync());
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inside);
    }

    /// <summary>The client left while it waited; its place in the queue and the permit must be free again.</summary>
    [Fact]
    public async Task Queue_ClientLeaves_GivesItsPlaceBack()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var gate = new TaskCompletionSource();
        legacy.Answers(context => gate.Task);
        await using var gateway = await new GatewaySetup(null, legacy)
            .Option("Overload:RoutePermits", "1").Option("Overload:Queue", "1").Option("Overload:QueueTimeout", "00:00:50").StartAsync();
        using var active = new ActiveRequests(gateway.Services);
        var inside = gateway.GetAsync("/pages/1");
        await Eventually.TrueAsync("one request is with legacy", () => legacy.Requests.Count == 1);
        using var leave = new CancellationTokenSource();
        var waiting = gateway.Client.GetAsync("/pages/2", leave.Token);
        await Eventually.TrueAsync("the second request is inside the gateway", () => active.Count == 2);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync("the gateway has seen it leave", () => active.Count == 1);
        gate.SetResult();
        (await inside).Dispose();
        await Eventually.TrueAsync("a permit is free", async () => (int)(await gateway.GetAsync("/pages/4")).StatusCode == 200);
        Assert.DoesNotContain(legacy.Requests, r => r.Target == "/pages/2");
    }

    /// <summary>What is open for hours keeps no request out.</summary>
    [Fact]
    public async Task OpenStreams_OfEveryKind_HoldNoOrdinaryPermit()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(OpenFeedAsync);
        await using var gateway = await new GatewaySetup(null, legacy)
            .Option("Overload:RoutePermits", "2").Option("Overload:BackendPermits", "2").Option("Overload:Queue", "0")
            .Option("Overload:StreamPermits", "4").StartAsync();
        var streams = new List<IAsyncDisposable>();
        for (var i = 0; i < 3; i++)
            streams.Add(await EventReader.OpenAsync(gateway.Client, GatewayHarness.Request(HttpMethod.Get, "/feed")));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = "/socket" }.Uri, CancellationToken.None);

        using var page = await gateway.GetAsync("/page");
        using var fifth = await gateway.GetAsync("/feed");

        Assert.Equal(200, (int)page.StatusCode);
        Assert.Equal((503, "overloaded", "gateway"), ((int)fifth.StatusCode, await fifth.ProblemCodeAsync(), fifth.ServedBy()));
        Assert.True(fifth.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var fifthSocket = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => fifthSocket.ConnectAsync(
            new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = "/socket" }.Uri, CancellationToken.None));
        var full = await gateway.MetricsAsync();
        Assert.Equal([0, 0, 4], Scopes.Select(s => full.Value("gateway_permits_in_use", ("scope", s))));
        Assert.Equal([2, 2, 4], Scopes.Select(s => full.Value("gateway_permits_limit", ("scope", s))));

        foreach (var stream in streams)
            await stream.DisposeAsync();
        socket.Dispose();
        await Eventually.TrueAsync("every permit is back", async () => (await gateway.MetricsAsync()).Value("gateway_permits_in_use") == 0);
        using var again = await gateway.Client.GetAsync("/feed", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)again.StatusCode);
    }

    [Fact]
    public async Task Gauges_RequestsInFlight_ShowTheFullestRouteAndBackend()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var gate = new TaskCompletionSource();
        legacy.Answers(_ => gate.Task);
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        Task<HttpResponseMessage>[] inside = [gateway.GetAsync("/1"), gateway.GetAsync("/2"), gateway.GetAsync("/api/calendar/c1", "ada")];
        await Eventually.TrueAsync("three requests are with legacy", () => legacy.Requests.Count == 3);

        var page = await gateway.MetricsAsync();

        Assert.Equal([2, 3, 0], Scopes.Select(s => page.Value("gateway_permits_in_use", ("scope", s))));
        Assert.Equal([2000, 2000, 8000], Scopes.Select(s => page.Value("gateway_permits_limit", ("scope", s))));
        gate.SetResult();
        foreach (var answer in await Task.WhenAll(inside))
            answer.Dispose();
    }

    private static readonly string[] Scopes = ["route", "backend", "streams"];

    private static async Task OpenFeedAsync(HttpContext context)
    {
        if (context.Request.Path == "/page")
            return;
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
