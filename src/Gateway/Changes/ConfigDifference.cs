using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Rollout;

namespace Gateway.Changes;

/// <summary>
/// What is different between two configurations, in words for a log line, <c>/status</c> and <c>gateway diff</c>. Everything that the files
/// can say is compared, also what nobody has words for; what may be a secret (a header's value, metadata of others) is never repeated.
/// </summary>
internal static class ConfigDifference
{
    private static readonly JsonNodeOptions LikeConfiguration = new() { PropertyNameCaseInsensitive = true };

    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static IReadOnlyList<ConfigChange> Describe(ConfigSide was, ConfigSide becomes)
    {
        var (rollout, nextRollout) = (Parse(was.Rollout), Parse(becomes.Rollout));
        var (gateway, nextGateway) = (Parse(was.Gateway), Parse(becomes.Gateway));
        return
        [
            .. FlagChanges.Describe(was.Flags, becomes.Flags, rollout, nextRollout),
            .. CohortChanges.Describe(rollout?["Cohorts"], nextRollout?["Cohorts"]),
            .. RampChanges.Describe(rollout?["Ramps"], nextRollout?["Ramps"]),
            .. RouteChanges.Describe(gateway?["ReverseProxy"]?["Routes"], nextGateway?["ReverseProxy"]?["Routes"]),
            .. ClusterChanges.Describe(gateway?["ReverseProxy"]?["Clusters"], nextGateway?["ReverseProxy"]?["Clusters"]),
            .. JsonDifference.Find(gateway?["Cors"], nextGateway?["Cors"])
                .Select(d => new ConfigChange("cors", d.Path.Split(':')[0], $"cors {d.Path} {d.ToWords()}")),
        ];
    }

    private static JsonNode? Parse(byte[] json) =>
        JsonNode.Parse(json.AsSpan().StartsWith("\uFEFF"u8) ? json.AsSpan(3) : json, LikeConfiguration, Relaxed);
}

/// <summary>One of the two: both files as they were read and validated, and the flags that came of them.</summary>
internal sealed record ConfigSide(byte[] Gateway, byte[] Rollout, IReadOnlyDictionary<string, Flag> Flags);
