using System.Collections.Frozen;
using System.Security.Cryptography;
using Gateway.Configuration;
using Gateway.Listening;
using Gateway.Rollout;
using Gateway.Routing;

namespace Gateway.Snapshots;

/// <summary>The folder that an operator edits: <c>gateway.json</c> and <c>rollout.json</c>.</summary>
/// <param name="listeners">The gateway's own, which no destination may be.</param>
internal sealed class ConfigFolder(
    string path, Func<string, string?> environmentVariable, string environmentName, IReadOnlyList<ListenerAddress> listeners,
    TimeProvider clock)
{
    public const string EnvironmentVariable = "GATEWAY_CONFIG_DIR";

    public string Path => path;

    /// <summary>
    /// <c>GATEWAY_CONFIG_DIR</c>, else the nearest <c>config/gateway.json</c> at or above the working directory or the program.
    /// </summary>
    public static string Find(string? configured, string contentRoot)
    {
        if (!string.IsNullOrEmpty(configured))
            return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(configured));
        foreach (var start in (string[])[Environment.CurrentDirectory, contentRoot, AppContext.BaseDirectory])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var candidate = System.IO.Path.Combine(folder.FullName, "config");
                if (File.Exists(System.IO.Path.Combine(candidate, GatewayFile.Name)))
                    return candidate;
            }
        }

        return System.IO.Path.Combine(contentRoot, "config");
    }

    /// <summary>Both files' bytes and their revision; a file that cannot be read is a finding.</summary>
    public ConfigFiles Read()
    {
        var findings = new List<ConfigFinding>();
        if (ConfigBytes.FindFolderFault(path) is { } fault)
            findings.Add(new("", "", path, fault));
        var gateway = findings.Count > 0 ? null : ConfigBytes.Read(path, GatewayFile.Name, findings);
        var rollout = gateway is null && findings is [{ File: "" }] ? null : ConfigBytes.Read(path, RolloutFile.Name, findings);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(gateway ?? []));
        hash.AppendData(SHA256.HashData(rollout ?? []));
        foreach (var finding in findings)
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(finding.ToString()));
        return new(gateway, rollout, Convert.ToHexStringLower(hash.GetHashAndReset())[..12], findings);
    }

    /// <exception cref="ConfigurationRefusedException">With every finding of both files.</exception>
    public async Task<GatewaySnapshot> ParseAsync(ConfigFiles files)
    {
        var findings = new List<ConfigFinding>(files.Findings);
        using var gatewayJson = files.Gateway is null ? null : ConfigJson.Read(files.Gateway, GatewayFile.Name, findings);
        using var rolloutJson = files.Rollout is null ? null : ConfigJson.Read(files.Rollout, RolloutFile.Name, findings);
        var gateway = gatewayJson is null ? null : await GatewayFile.ReadAsync(gatewayJson, listeners);
        var rollout = rolloutJson is null ? null : RolloutFile.Read(rolloutJson, environmentVariable, environmentName);
        if (gatewayJson is not null && rolloutJson is not null)
            FlagNames.Check(gatewayJson, rolloutJson);
        foreach (var name in FlagNames.Find(gatewayJson?.Configuration, rolloutJson?.Configuration))
        {
            if (environmentVariable(name) is { Length: > 0 } text && !bool.TryParse(text, out _))
                findings.Add(new("environment", name, text, "true or false; until then it is off", FindingSeverity.Warning));
        }

        if (gateway is null || rollout is null)
            throw new ConfigurationRefusedException(ConfigFinding.InOrder(findings), path);

        return new(files.Revision, gateway, rollout, CollectFlags(gateway, rollout), ConfigFinding.InOrder(findings), clock.GetUtcNow());
    }

    private FrozenDictionary<string, Flag> CollectFlags(GatewayFile gateway, RolloutFile rollout)
    {
        var flags = rollout.Flags.ToDictionary(StringComparer.Ordinal);
        foreach (var policy in gateway.Policies.Values.Where(p => p.Flag is not null && !flags.ContainsKey(p.Flag)))
            flags[policy.Flag!] = Flag.Absent(policy.Flag!, environmentVariable(policy.Flag!));
        return flags.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <param name="Gateway">Null when it cannot be read; so is the other.</param>
internal sealed record ConfigFiles(byte[]? Gateway, byte[]? Rollout, string Revision, IReadOnlyList<ConfigFinding> Findings);
