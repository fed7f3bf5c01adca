using ServiceDefaults.Options;

namespace Gateway.Tls;

internal static class TlsExtensions
{
    public static IServiceCollection AddRenewedCertificates(this IServiceCollection services) => services
        .AddChecked<CertificateOptions>("Tls", CertificateOptions.Check)
        .AddCheck(CertificateFiles.FindFaults)
        .AddSingleton<ServedCertificates>()
        .AddHostedService<CertificateWorker>();
}
