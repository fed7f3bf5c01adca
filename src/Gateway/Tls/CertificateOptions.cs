using ServiceDefaults.Options;

namespace Gateway.Tls;

/// <summary><c>Tls</c>: how renewed certificates are noticed.</summary>
internal sealed class CertificateOptions
{
    /// <summary>Between two looks at the files; what has changed counts once two looks in a row see the same.</summary>
    public TimeSpan CertificateRefresh { get; set; } = TimeSpan.FromSeconds(10);

    public static void Check(CertificateOptions o, OptionFaults faults) =>
        faults.Within("CertificateRefresh", o.CertificateRefresh, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(25));
}
