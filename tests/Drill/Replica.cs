namespace Drill;

/// <summary>One of the gateways.</summary>
internal sealed record Replica(string Name, string Config, Uri Public, Uri Admin)
{
    private const string NoUsers = "\"Users\": []";

    /// <summary>As Prometheus labels it.</summary>
    public string Instance => Admin.Authority;

    public string Rollout => Path.Combine(Config, "rollout.json");

    public ChildProcess Process { get; set; } = null!;

    /// <summary>The shipped configuration, pointed at these backends, both flags on, alice in the canary.</summary>
    public void WriteConfig(Uri service, Uri legacy)
    {
        Directory.CreateDirectory(Config);
        var shipped = Path.Combine(Checkout.Root, "config");
        File.WriteAllText(Path.Combine(Config, "gateway.json"), File.ReadAllText(Path.Combine(shipped, "gateway.json"))
            .Replace("http://127.0.0.1:8081", service.ToString(), StringComparison.Ordinal)
            .Replace("http://127.0.0.1:8082", legacy.ToString(), StringComparison.Ordinal));
        var rollout = File.ReadAllText(Path.Combine(shipped, "rollout.json"))
            .Replace("\"enabled\": false", "\"enabled\": true", StringComparison.Ordinal);
        var users = rollout.IndexOf(NoUsers, StringComparison.Ordinal); // The first: the second excludes.
        File.WriteAllText(Rollout, $"{rollout[..users]}\"Users\": [ \"alice\" ]{rollout[(users + NoUsers.Length)..]}");
    }
}
