using Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Costs;

/// <summary>
/// The gateway as it ships, with everything on: both flags, the canary's one user, probes, circuits, metrics, the stream guard, and its log
/// on standard output. Both backends are in this process, on bare sockets.
/// </summary>
internal sealed class CountedGateway : IAsyncDisposable
{
    public const string Member = "alice";
    public const string Outsider = "bob";

    private readonly ConfigDirectory _config = new();
    private WebApplication _app = null!;

    private CountedGateway()
    {
    }

    public RawOrigin Calendar { get; } = new();

    public RawOrigin Legacy { get; } = new();

    public Uri Address { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public static async Task<CountedGateway> StartAsync()
    {
        var gateway = new CountedGateway();
        gateway._config.Point("calendar", gateway.Calendar.Address).Point("legacy", gateway.Legacy.Address)
            .Switch(on: true).Canary(Member).Save();
        string[] args =
        [
            "--Kestrel:Endpoints:Public:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:Admin:Url=http://127.0.0.1:0",
            $"--GATEWAY_CONFIG_DIR={gateway._config.Path}", "--environment=Production",
        ];
        gateway._app = await GatewayApplication.BuildAsync(args, static _ => "true");
        await gateway._app.StartAsync();
        // In the order of their names: Admin, Public.
        gateway.Address = new(gateway._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Last());
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        Calendar.Dispose();
        Legacy.Dispose();
        _config.Dispose();
    }
}
