namespace Gateway.Tests.Tls;

/// <summary>A certificate and its key in files.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-tls-").FullName;

    public CertificateFolder()
    {
        var certificate = new TestCertificate();
        File.WriteAllText(Certificate, certificate.Pem);
        File.WriteAllText(Key, certificate.Key);
    }

    public string Certificate => Path.Combine(_folder, "tls.crt");

    public string Key => Path.Combine(_folder, "tls.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
