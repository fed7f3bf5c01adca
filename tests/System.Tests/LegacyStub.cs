using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SystemTests;

/// <summary>The outside party of these tests: the legacy backend, on a real socket.</summary>
internal sealed class LegacyStub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LegacyStub(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public ConcurrentQueue<string> Requests { get; } = [];

    public static async Task<LegacyStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var stub = new LegacyStub(builder.Build());
        stub._app.Map("/{**rest}", (HttpRequest request) =>
        {
            stub.Requests.Enqueue($"{request.Method} {request.Path}");
            return new { backend = "legacy" };
        });
        await stub._app.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
