using System.Text;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Listening;
using Gateway.Routing;

namespace Gateway.Tests.Routing;

/// <summary><c>gateway.json</c> as it ships, with one thing changed, read as check, start and reload read it.</summary>
internal static class CandidateFile
{
    /// <param name="path">Below <c>ReverseProxy</c>, with slashes; what is missing on the way is made.</param>
    public static JsonObject Create(string path, string json)
    {
        using var config = new ConfigDirectory();
        var node = config.Gateway["ReverseProxy"]!.AsObject();
        var keys = path.Split('/');
        foreach (var key in keys[..^1])
            node = (node[key] ??= new JsonObject()).AsObject();
        node[keys[^1]] = JsonNode.Parse(json);
        return config.Gateway;
    }

    /// <inheritdoc cref="Create"/>
    public static Task<IReadOnlyList<ConfigFinding>> ReadAsync(string path, string json, params string[] listeners) =>
        ReadAsync(Create(path, json).ToJsonString(), listeners);

    public static async Task<IReadOnlyList<ConfigFinding>> ReadAsync(string text, params string[] listeners)
    {
        var findings = new List<ConfigFinding>();
        var file = await GatewayFile.ReadAsync(
            Encoding.UTF8.GetBytes(text), [.. listeners.Select(url => ListenerAddress.Parse(url)!)], findings);
        Assert.Equal(findings.Any(f => f.Severity == FindingSeverity.Error), file is null);
        return findings;
    }
}
