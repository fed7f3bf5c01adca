using Harness.Fixtures;

namespace Drill;

/// <summary>One of the gateways.</summary>
internal sealed record Replica(string Name, string Config, Uri Public, Uri Admin)
{
    /// <summary>As Prometheus labels it.</summary>
    public string Instance => Admin.Authority;

    public string Rollout => Path.Combine(Config, "rollout.json");

    public ChildProcess Process { get; set; } = null!;

    /// <summary>A configuration of its own, pointed at these backends, both flags on, alice in the canary.</summary>
    public void WriteConfig(Uri service, Uri legacy)
    {
        using var config = new ConfigDirectory(Config);
        config.Point("calendar", service).Point("legacy", legacy).Switch(on: true).Canary("alice").Save();
    }
}
