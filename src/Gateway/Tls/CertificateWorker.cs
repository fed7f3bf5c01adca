namespace Gateway.Tls;

/// <summary>
/// Looks at the certificates' files from time to time, and puts renewed ones in force. By their bytes: a file watcher misses a swapped
/// directory link, as Kubernetes renews a Secret.
/// </summary>
internal sealed partial class CertificateWorker(
    ServedCertificates certificates, CertificateOptions options, TimeProvider clock, ILogger<CertificateWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.CertificateRefresh, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var served in certificates.All)
            {
                if (served.Look(clock.GetUtcNow()) is not { } fault)
                    continue;
                if (fault.Length == 0)
                    LogRenewed(served.Name, served.Expiry);
                else
                    LogRefused(served.Name, served.Expiry, fault.ReplaceLineEndings(" "));
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The certificate of {Endpoint} is renewed, until {Expiry}")]
    private partial void LogRenewed(string endpoint, DateTimeOffset expiry);

    [LoggerMessage(LogLevel.Error, "The new certificate of {Endpoint} is refused, the one until {Expiry} stays in force: {Problem}")]
    private partial void LogRefused(string endpoint, DateTimeOffset expiry, string problem);
}
