using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Logging;

/// <summary>
/// Kestrel refuses what is no HTTP request before any middleware sees it, and says so only at debug level, quoting the bytes. This is
/// the line that says what was wrong with such a head; it has no id and no user. A body that breaks off has a completion line too.
/// </summary>
internal sealed partial class MalformedRequestLog(DiagnosticListener listener, ILogger<MalformedRequestLog> logger)
    : IHostedService, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    // Source: "Diagnostics in Kestrel" of the ASP.NET Core documentation.
    private const string Refused = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = listener.Subscribe(this, static name => name == Refused);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == Refused
            && (value.Value as IFeatureCollection)?.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error)
            LogRefused(LogRedaction.ApplyToForeign(error.Message), $"{error.StatusCode}");
    }

    public void OnError(Exception error)
    {
    }

    public void OnCompleted()
    {
    }

    public void Dispose() => _subscription?.Dispose();

    [LoggerMessage(LogLevel.Information, "The server could not read a request: {Fault} (status {Status})")]
    private partial void LogRefused(string fault, string status);
}
