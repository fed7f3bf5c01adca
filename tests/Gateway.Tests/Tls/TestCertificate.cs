using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Tests.Tls;

/// <summary>A self-signed certificate for 127.0.0.1, and the ways in which one is written down.</summary>
internal sealed class TestCertificate
{
    private readonly X509Certificate2 _certificate;

    public TestCertificate(DateTimeOffset? until = null, string use = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Guid.NewGuid():n}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        var end = until ?? TimeProvider.System.GetUtcNow().AddDays(30);
        _certificate = request.CreateSelfSigned(end.AddDays(-60), end);
        Key = key.ExportPkcs8PrivateKeyPem();
    }

    public string Name => _certificate.Subject;

    public DateTimeOffset NotAfter => new(_certificate.NotAfter);

    public string Pem => _certificate.ExportCertificatePem();

    public string Key { get; }

    public byte[] Pfx(string password) => _certificate.Export(X509ContentType.Pfx, password);
}
