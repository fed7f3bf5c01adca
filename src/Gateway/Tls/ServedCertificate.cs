using System.Net.Security;
using System.Security.Cryptography;

namespace Gateway.Tls;

/// <summary>
/// One certificate of an endpoint, with the one in force and what its files held at the last looks. A pair of files is not written in one
/// step, and one half of a new pair is no certificate: new bytes count once they have stayed the same from one look to the next.
/// </summary>
/// <param name="name">The endpoint's, or the endpoint's and the server name's.</param>
internal sealed class ServedCertificate(string name, CertificateFiles files, SslStreamCertificateContext first, byte[] firstBytes)
{
    private volatile SslStreamCertificateContext _current = first;
    private byte[] _seen = firstBytes;
    private byte[] _judged = firstBytes;

    public string Name => name;

    public SslStreamCertificateContext Current => _current;

    public DateTimeOffset Expiry => new(_current.TargetCertificate.NotAfter);

    /// <summary>Whether the files on disk are the ones in force.</summary>
    public bool IsUpToDate { get; private set; } = true;

    public static byte[] Hash((byte[] Certificate, byte[] Key) read) =>
        SHA256.HashData([.. SHA256.HashData(read.Certificate), .. SHA256.HashData(read.Key)]);

    /// <returns>Null when nothing has come to be decided; else the fault of new files, or an empty text when they are in force.</returns>
    public string? Look(DateTimeOffset now)
    {
        try
        {
            var read = files.Read();
            var bytes = Hash(read);
            var settled = bytes.AsSpan().SequenceEqual(_seen);
            _seen = bytes;
            if (!settled || bytes.AsSpan().SequenceEqual(_judged))
                return null;
            _judged = bytes;
            _current = files.Load(read.Certificate, read.Key, now);
            IsUpToDate = true;
            return "";
        }
        catch (Exception error) when (CertificateFiles.IsFault(error))
        {
            var unreadable = error is IOException or UnauthorizedAccessException;
            var known = unreadable && !IsUpToDate;
            IsUpToDate = false;
            if (unreadable)
                _judged = []; // Whatever comes back is looked at again.
            return known ? null : error.Message;
        }
    }
}
