using System.Net.Security;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Prometheus;
using ServiceDefaults.Metrics;

namespace Gateway.Tls;

/// <summary>
/// The certificates of all endpoints that have theirs in files. Kestrel reads a file once; here it hands each new connection the
/// certificate in force, and open connections keep theirs.
/// </summary>
internal sealed class ServedCertificates(
    IConfiguration configuration, CollectorRegistry registry, IMetricFactory metrics)
{
    private readonly List<ServedCertificate> _all = [];

    public IReadOnlyList<ServedCertificate> All => _all;

    /// <summary>Takes over what Kestrel has just read for an endpoint.</summary>
    public void Serve(IConfigurationSection endpoint, HttpsConnectionAdapterOptions https)
    {
        var own = Load(endpoint.Key, endpoint.GetSection("Certificate"))
            ?? Load(endpoint.Key, configuration.GetSection("Kestrel:Certificates:Default"));
        var byName = endpoint.GetSection("Sni").GetChildren()
            .Select(name => (Name: name.Key, Certificate: Load($"{endpoint.Key}/{name.Key}", name.GetSection("Certificate"))))
            .Where(entry => entry.Certificate is not null).ToDictionary(
                entry => entry.Name, entry => entry.Certificate!, StringComparer.OrdinalIgnoreCase);
        if (own is null && byName.Count == 0)
            return;
        https.OnAuthenticate = (connection, options) =>
        {
            var asked = byName.Count == 0 ? null : connection.Features.Get<ITlsHandshakeFeature>()?.HostName;
            if ((Find(byName, asked) ?? own) is not { } served)
                return;
            options.ServerCertificate = null;
            options.ServerCertificateContext = served.Current;
        };
    }

    public void Register()
    {
        var expiry = metrics.CreateGauge(
            "gateway_certificate_expiry_timestamp_seconds", "When the certificate that is served ends, as Unix time.", ["endpoint"]);
        var current = metrics.CreateGauge(
            "gateway_certificate_last_reload_successful", "1 while the certificate on disk is the one that is served.", ["endpoint"]);
        registry.AddBeforeCollectCallback(() =>
        {
            expiry.SetAll(_all.Select(served => (served.Name, served.Expiry.ToUnixTimeMilliseconds() / 1000.0)));
            current.SetAll(_all.Select(served => (served.Name, served.IsUpToDate ? 1.0 : 0)));
        });
    }

    /// <summary>As Kestrel chooses among the entries of <c>Sni</c>: the name itself, the longest wildcard, then *.</summary>
    private static ServedCertificate? Find(Dictionary<string, ServedCertificate> byName, string? asked)
    {
        if (string.IsNullOrEmpty(asked))
            return byName.GetValueOrDefault("*");
        if (byName.TryGetValue(asked, out var exact))
            return exact;
        for (var dot = asked.IndexOf('.'); dot >= 0; dot = asked.IndexOf('.', dot + 1))
        {
            if (byName.TryGetValue("*" + asked[dot..], out var wildcard))
                return wildcard;
        }

        return byName.GetValueOrDefault("*");
    }

    /// <returns>Null for a certificate of a store, which is served as it was at the start.</returns>
    private ServedCertificate? Load(string name, IConfigurationSection section)
    {
        if (CertificateFiles.For(section) is not { } files)
            return null;
        var read = files.Read();
        // One that has ended is served, as Kestrel serves it: the metric says so.
        var served = new ServedCertificate(
            name, files, files.Load(read.Certificate, read.Key, DateTimeOffset.MinValue), ServedCertificate.Hash(read));
        _all.Add(served);
        return served;
    }
}
