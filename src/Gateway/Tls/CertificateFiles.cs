using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Tls;

/// <summary>The files of one certificate, as Kestrel's <c>Certificate</c> names them.</summary>
/// <param name="KeyPath">Null for a PFX file.</param>
internal sealed record CertificateFiles(string Path, string? KeyPath, string? Password)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Null for a section that names no file.</summary>
    public static CertificateFiles? For(IConfigurationSection section)
    {
        if (section["Path"] is not { Length: > 0 } path)
            return null;
        var keyPath = section["KeyPath"] is { Length: > 0 } key ? Resolve(key) : null;
        return new(Resolve(path), keyPath, section["Password"]);

        // As Kestrel resolves them: beside the program, wherever it is started from.
        static string Resolve(string file) => System.IO.Path.Combine(AppContext.BaseDirectory, file);
    }

    /// <summary>What Kestrel would throw at, in words: certificates of listeners that cannot be used.</summary>
    public static IEnumerable<string> FindFaults(IConfiguration settings)
    {
        var secure = settings.GetSection("Kestrel:Endpoints").GetChildren()
            .Where(endpoint => endpoint["Url"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) is true).ToArray();
        var sections = secure.SelectMany(endpoint => endpoint.GetSection("Sni").GetChildren().Prepend(endpoint))
            .Select(holder => holder.GetSection("Certificate"))
            .Concat(secure.Length == 0 ? [] : [settings.GetSection("Kestrel:Certificates:Default")]);
        foreach (var section in sections)
        {
            if (For(section)?.FindFault() is { } fault)
                yield return $"{section.Path}: \"{section["Path"]}\", expected a certificate with its key: {fault}";
        }
    }

    private string? FindFault()
    {
        try
        {
            var (certificate, key) = Read();
            Load(certificate, key, DateTimeOffset.MinValue);
            return null;
        }
        catch (Exception error) when (IsFault(error))
        {
            return error.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>What reading and loading throw when the files are at fault.</summary>
    public static bool IsFault(Exception error) =>
        error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidOperationException;

    /// <summary>Both files as they are now.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be read.</exception>
    public (byte[] Certificate, byte[] Key) Read() => (File.ReadAllBytes(Path), KeyPath is null ? [] : File.ReadAllBytes(KeyPath));

    /// <summary>The certificate with its key and the chain that stands beside it.</summary>
    /// <exception cref="CryptographicException">It is no certificate, or the key is another one's.</exception>
    /// <exception cref="ArgumentException">The text holds none.</exception>
    public SslStreamCertificateContext Load(byte[] certificate, byte[] key, DateTimeOffset now)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2 leaf;
        if (KeyPath is null)
        {
            chain = X509CertificateLoader.LoadPkcs12Collection(certificate, Password);
            leaf = chain.First(one => one.HasPrivateKey);
        }
        else
        {
            var (text, keyText) = (Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
            if (!text.Contains("-----BEGIN", StringComparison.Ordinal))
                text = X509CertificateLoader.LoadCertificate(certificate).ExportCertificatePem();
            leaf = string.IsNullOrEmpty(Password)
                ? X509Certificate2.CreateFromPem(text, keyText)
                : X509Certificate2.CreateFromEncryptedPem(text, keyText, Password);
            chain.ImportFromPem(text);
        }

        if (new DateTimeOffset(leaf.NotAfter) is var end && end <= now)
            throw new CryptographicException($"It ended on {end:u}.");
        var uses = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToArray();
        if (uses.Length > 0 && !uses.Any(use => use.EnhancedKeyUsages[ServerAuthentication] is not null))
            throw new CryptographicException("It is not for servers.");
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }
}
