using ServiceDefaults.Options;

namespace ServiceDefaults.Starting;

/// <summary>What ASP.NET Core itself reads, in either program.</summary>
internal static class HostKeys
{
    public static SettingKeys All { get; } = new(
    [
        "environment", "contentRoot", "applicationName", "AllowedHosts", "shutdownTimeoutSeconds",
        "hostBuilder:reloadConfigOnChange", "Logging:LogLevel:**",
        "Kestrel:Endpoints:*:Url", .. OfTls("Kestrel:Endpoints:*"), .. OfTls("Kestrel:Endpoints:*:Sni:*"),
        .. OfTls("Kestrel:EndpointDefaults"),
        .. OfCertificate("Kestrel:Certificates:*"),
    ]);

    private static IEnumerable<string> OfTls(string of) =>
        [$"{of}:Protocols", $"{of}:SslProtocols:*", $"{of}:ClientCertificateMode", .. OfCertificate($"{of}:Certificate")];

    private static IEnumerable<string> OfCertificate(string of) => from key in
        (string[])["Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid"] select $"{of}:{key}";
}
