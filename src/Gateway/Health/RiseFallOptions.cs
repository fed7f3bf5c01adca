using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Health;

/// <summary>What a cluster's <c>Metadata</c> says about its probes.</summary>
/// <param name="Fall">Failed probes in a row that make a destination unhealthy.</param>
/// <param name="Rise">Good probes in a row that make it healthy again.</param>
internal sealed partial record RiseFallOptions(int Fall, int Rise, int MinStatus, int MaxStatus)
{
    private const string FallKey = "Health.Fall";
    private const string RiseKey = "Health.Rise";
    private const string StatusKey = "Health.ExpectedStatus";

    private static readonly RiseFallOptions Defaults = new(2, 2, 200, 299);

    /// <summary>Together with the keys of YARP's own policies.</summary>
    public static JsonShape Shape { get; } = Metadata(
        (FallKey, Integer(1, 100).As("Failed probes in a row that take a destination out; 2 by default.")),
        (RiseKey, Integer(1, 100).As("Good probes in a row that bring it back; 2 by default.")),
        (StatusKey, TextThat(
            "a range of HTTP statuses, the lower one first, as \"200-299\"", text => ReadRange(text) is not null,
            "^[1-5][0-9]{2}-[1-5][0-9]{2}$").As("The statuses of a good probe.")),
        ("ConsecutiveFailuresHealthPolicy.Threshold", Integer(1, 100).As("Failed probes in a row, for the policy ConsecutiveFailures.")),
        ("TransportFailureRateHealthPolicy.RateLimit", Number(0.01, 1)
            .As("Share of failed requests, for the policy TransportFailureRate.")));

    /// <summary>Whether a key of the metadata says something to this policy, and to no other.</summary>
    public static bool Reads(string key) => new[] { FallKey, RiseKey, StatusKey }.Contains(key, StringComparer.OrdinalIgnoreCase);

    public static int ReadFall(IConfigurationSection metadata) => Count(metadata[FallKey], Defaults.Fall);

    public bool Expects(int status) => status >= MinStatus && status <= MaxStatus;

    /// <summary>The options of a cluster that was held to its shape when it was loaded.</summary>
    public static RiseFallOptions ForCluster(ClusterConfig cluster)
    {
        var (min, max) = ReadRange(cluster.Metadata?.GetValueOrDefault(StatusKey)) ?? (Defaults.MinStatus, Defaults.MaxStatus);
        return new(
            Count(cluster.Metadata?.GetValueOrDefault(FallKey), Defaults.Fall),
            Count(cluster.Metadata?.GetValueOrDefault(RiseKey), Defaults.Rise), min, max);
    }

    private static int Count(string? text, int missing) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : missing;

    private static (int Min, int Max)? ReadRange(string? text) =>
        StatusRange().Match(text ?? "") is { Success: true } match
        && (Status(match.Groups[1]), Status(match.Groups[2])) is var (min, max) && min <= max ? (min, max) : null;

    private static int Status(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([1-5][0-9]{2})-([1-5][0-9]{2})\z")]
    private static partial Regex StatusRange();
}
