using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drill;

/// <summary>One alert of one message.</summary>
/// <param name="Receiver">The path it came to, which each receiver of the shipped alertmanager.yml has of its own.</param>
internal sealed record Delivery(
    DateTimeOffset At, string Receiver, bool Resolved, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations);

/// <summary>The other end of the line: stands in for the pager, the chat and the dead man's switch.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly ConcurrentQueue<Delivery> _deliveries = [];
    private readonly WebApplication _app;
    private readonly TimeProvider _clock;

    private Webhook(WebApplication app, TimeProvider clock) => (_app, _clock) = (app, clock);

    public IEnumerable<Delivery> Deliveries => _deliveries;

    public static async Task<Webhook> StartAsync(int port, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var webhook = new Webhook(builder.Build(), clock);
        webhook._app.Run(webhook.TakeAsync);
        await webhook._app.StartAsync();
        return webhook;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var at = _clock.GetUtcNow();
        using var message = await JsonDocument.ParseAsync(context.Request.Body);
        foreach (var alert in message.RootElement.GetProperty("alerts").EnumerateArray())
        {
            _deliveries.Enqueue(new(
                at, context.Request.Path.ToString().Trim('/'), alert.GetProperty("status").GetString() == "resolved",
                Strings(alert.GetProperty("labels")), Strings(alert.GetProperty("annotations"))));
        }
    }

    private static Dictionary<string, string> Strings(JsonElement map) =>
        map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
}
