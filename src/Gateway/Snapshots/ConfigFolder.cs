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
            return System.IO.Path.GetFullPath(configured);
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
        var gateway = ReadFile(GatewayFile.Name, findings);
        var rollout = ReadFile(RolloutFile.Name, findings);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(gateway));
        hash.AppendData(SHA256.HashData(rollout));
        foreach (var finding in findings)
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(finding.ToString()));
        return new(gateway, rollout, Convert.ToHexStringLower(hash.GetHashAndReset())[..12], findings);
    }

    /// <exception cref="ConfigurationRefusedException">With every finding of both files.</exception>
    public async Task<GatewaySnapshot> ParseAsync(ConfigFiles files)
    {
        var findings = new List<ConfigFinding>(files.Findings);
        var unreadable = findings.Select(f => f.File).ToHashSet();
        var gateway = unreadable.Contains(GatewayFile.Name) ? null : await GatewayFile.ReadAsync(files.Gateway, listeners, findings);
        var rollout = unreadable.Contains(RolloutFile.Name)
            ? null
            : RolloutFile.Read(files.Rollout, environmentVariable, environmentName, findings);
        if (gateway is null || rollout is null)
            throw new ConfigurationRefusedException(findings);

        var flags = CollectFlags(gateway, rollout, findings);
        return new(files, gateway, rollout, flags, findings, clock.GetUtcNow());
    }

    private FrozenDictionary<string, Flag> CollectFlags(GatewayFile gateway, RolloutFile rollout, List<ConfigFinding> findings)
    {
        var flags = rollout.Flags.ToDictionary(StringComparer.Ordinal);
        foreach (var policy in gateway.Policies.Values.Where(p => p.Flag is not null && !flags.ContainsKey(p.Flag)))
        {
            findings.Add(new(
                RolloutFile.Name, "feature_management:feature_flags", null,
                $"a flag \"{policy.Flag}\", which route {policy.RouteId} names; until then it is off", FindingSeverity.Warning));
            flags[policy.Flag!] = Flag.Absent(policy.Flag!, environmentVariable(policy.Flag!));
        }

        foreach (var flag in flags.Values)
        {
            if (flag.Switch.EnvironmentValue is { Length: > 0 } text && !bool.TryParse(text, out _))
                findings.Add(new("environment", flag.Name, text, "true or false; until then it is off", FindingSeverity.Warning));
        }

        return flags.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private byte[] ReadFile(string name, List<ConfigFinding> findings)
    {
        try
        {
            return File.ReadAllBytes(System.IO.Path.Combine(path, name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            findings.Add(new(name, "", error is FileNotFoundException or DirectoryNotFoundException ? null : "unreadable",
                $"a readable file in {path}"));
            return [];
        }
    }
}

/// <param name="Revision">The first 12 hex digits of SHA-256 over both files.</param>
internal sealed record ConfigFiles(byte[] Gateway, byte[] Rollout, string Revision, IReadOnlyList<ConfigFinding> Findings);
