using System.Net;
using Gateway.Configuration;

namespace Gateway.Rollout.Ramps;

/// <summary>
/// Addresses of <c>Notify</c>. A webhook's path is often its key, and some carry a password: what is said of one names its host alone.
/// </summary>
internal static class RampReceivers
{
    private const string Expected = "an absolute address, http://host/path or https://host/path, without a fragment";

    public static JsonShape Shape { get; } = JsonShape.SecretThat(
        Expected, text => Read(text) is not null, Show, @"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#\\][^\s#]*$");

    /// <summary>As it may stand in a log, in a finding, on a screen.</summary>
    public static string Show(string address) => Read(address) is { } url ? Show(url) : "…";

    public static string Show(Uri url) => $"{url.Scheme}://{url.Authority}/…";

    /// <returns>Null when nothing can be sent there.</returns>
    public static Uri? Read(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, Fragment.Length: 0 }
        && !address.Contains('#') && !address.Any(char.IsWhiteSpace) && !address.Contains('\\')
            ? url : null;

    /// <summary>Within a network plain HTTP is common, and what is sent is no secret; a password is one.</summary>
    public static void Check(IConfigurationSection address, FindingList findings)
    {
        if (address.Value is { } text && Read(text) is { Scheme: "http", UserInfo.Length: > 0 } url && !IsHere(url))
            findings.Warning(address.Path, Show(url), "https: over http everybody on the way reads its password");
    }

    private static bool IsHere(Uri url) =>
        url.IdnHost == "localhost" || (IPAddress.TryParse(url.IdnHost, out var address) && IPAddress.IsLoopback(address));
}
