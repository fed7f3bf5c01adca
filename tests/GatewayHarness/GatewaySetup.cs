using System.Text.Json.Nodes;

namespace Gateway.Tests;

/// <summary>
/// The gateway to start: the configuration that ships, pointed at stubs. Probes are off and both flags are closed until a test says
/// otherwise, so that each test states what its outcome depends on.
/// </summary>
internal sealed class GatewaySetup
{
    public const string CalendarFlag = "CALENDAR_SERVICE_ENABLED";
    public const string PublishFlag = "PUBLISH_SERVICE_ENABLED";

    private readonly Dictionary<string, string?> _environment = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal)
    {
        ["Kestrel:Endpoints:Public:Url"] = "http://127.0.0.1:0",
        ["Kestrel:Endpoints:Admin:Url"] = "http://127.0.0.1:0",
        ["environment"] = "Production",
        // A watched settings file a gateway would use up the machine's inotify instances.
        ["hostBuilder:reloadConfigOnChange"] = "false",
        // No waiting where a test does not ask for it.
        ["Shutdown:DrainDelay"] = "00:00:00",
        ["Shutdown:StreamGrace"] = "00:00:00",
        ["Upstream:Ramp"] = "00:00:00.001",
    };

    public GatewaySetup(StubBackend? calendar = null, StubBackend? legacy = null)
    {
        Config.Point("calendar", calendar?.Address ?? OwnPorts.Nowhere).Point("legacy", legacy?.Address ?? OwnPorts.Nowhere);
        foreach (var (_, cluster) in Config.Clusters)
            cluster!["HealthCheck"]!["Active"]!["Enabled"] = false;
    }

    public ConfigDirectory Config { get; } = new();

    /// <summary>An environment switch; null unsets it.</summary>
    public GatewaySetup Environment(string name, string? value = "true")
    {
        _environment[name] = value;
        return this;
    }

    /// <summary>A setting outside the config folder.</summary>
    public GatewaySetup Option(string key, string value)
    {
        _options[key] = value;
        return this;
    }

    public GatewaySetup Edit(Action<ConfigDirectory> edit)
    {
        edit(Config);
        return this;
    }

    /// <summary>Both keys of both flags, for everybody.</summary>
    public GatewaySetup Open() => Flag(CalendarFlag, 100).Flag(PublishFlag, 100);

    /// <summary>Both keys of one flag, for a share of the cohort <c>canary</c>, which both flags name.</summary>
    public GatewaySetup Flag(string name, double percentage) => Environment(name).Edit(config =>
    {
        config.Flag(name)["enabled"] = true;
        config.Cohort("canary")["DefaultRolloutPercentage"] = percentage;
    });

    /// <summary>Active probes of one cluster, fast.</summary>
    public GatewaySetup Probing(string cluster) => Edit(config =>
    {
        var active = config.Clusters[cluster]!["HealthCheck"]!["Active"]!;
        active["Enabled"] = true;
        active["Interval"] = "00:00:00.100";
        active["Timeout"] = "00:00:02";
    });

    /// <summary>A route's or cluster's metadata.</summary>
    public GatewaySetup Metadata(JsonObject owner, string key, string value)
    {
        owner["Metadata"] ??= new JsonObject();
        owner["Metadata"]![key] = value;
        return this;
    }

    public async Task<GatewayHarness> StartAsync()
    {
        Config.Save();
        var logs = new LogLines();
        string[] args = [.. _options.Select(o => $"--{o.Key}={o.Value}"), $"--GATEWAY_CONFIG_DIR={Config.Path}"];
        var app = await GatewayApplication.BuildAsync(args, name => _environment.GetValueOrDefault(name), logs);
        await app.StartAsync();
        return new(app, Config, logs);
    }
}
