using Gateway.Upstream;

namespace Gateway.Tests.Upstream;

/// <summary>
/// The client underneath sends again by itself when a pooled connection dies (dotnet/runtime#86714): shown, then closed.
/// Holds docs/contract.md section 4: falling back.
/// </summary>
public sealed class ResendTests
{
    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("PURGE")]
    public async Task SocketsHttpHandler_PooledConnectionDies_SendsABodylessRequestAgain(string method)
    {
        using var handler = new SocketsHttpHandler();

        Assert.True(await CountAsync(handler, method) > 1, "the framework has mended it: OnceHandler can go");
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("PURGE")]
    [InlineData("LOCK")]
    public async Task OnceHandler_PooledConnectionDies_SendsItOnce(string method)
    {
        using var handler = new OnceHandler(new SocketsHttpHandler());

        Assert.Equal(1, await CountAsync(handler, method));
    }

    /// <summary>How often the backend received a request whose connection, used before, ends instead of an answer.</summary>
    private static async Task<int> CountAsync(HttpMessageHandler handler, string method)
    {
        await using var backend = await StubBackend.StartAsync();
        await using var proxy = FaultProxy.Start(backend.Address);
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        (await client.SendAsync(new(HttpMethod.Get, proxy.Address), CancellationToken.None)).Dispose();
        Assert.Equal(1, proxy.Connections);

        proxy.Strike(new(FaultKind.Truncate));
        await Assert.ThrowsAsync<HttpRequestException>(
            () => client.SendAsync(new(new(method), new Uri(proxy.Address, "/fire")), CancellationToken.None));

        Assert.Equal(1 + backend.Requests.Count(r => r.Target == "/fire"), proxy.Requests);
        return backend.Requests.Count(r => r.Target == "/fire");
    }
}
