using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Rollout;
using Gateway.Rollout.Arms;
using Gateway.Rollout.Control;
using Gateway.Snapshots;
using Harness.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Rollout.Control;

/// <summary>A controller on a real folder, whose gateways are stubs that serve evidence, and whose time passes when a test says so.</summary>
internal sealed class ControllerRig : IAsyncDisposable
{
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Arms> _arms = new(StringComparer.Ordinal);
    private readonly List<StubBackend> _gateways = [];
    private EvidenceSources? _sources;

    private ControllerRig(string ramp)
    {
        foreach (var flag in (string[])[GatewaySetup.CalendarFlag, GatewaySetup.PublishFlag])
            Config.Flag(flag)["enabled"] = true;
        Config.Rollout["Ramps"] = JsonNode.Parse($$"""{"canary":{{ramp}}}""");
        Config.Save();
    }

    public ConfigDirectory Config { get; } = new();

    public JumpingClock Clock { get; } = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    public RolloutFolder Folder { get; private set; } = null!;

    public RolloutController Controller { get; private set; } = null!;

    public RolloutActions Actions { get; private set; } = null!;

    public RampState Ramp => Folder.ReadState()["canary"];

    public double Percentage => OnDisk["Cohorts"]!["canary"]!["DefaultRolloutPercentage"]!.GetValue<double>();

    /// <summary><c>rollout.json</c> as it stands there.</summary>
    private JsonNode OnDisk => JsonNode.Parse(File.ReadAllText(Config.File(ConfigDirectory.RolloutFile)))!;

    public IReadOnlyList<string> Audit => [.. Folder.ReadAudit().Select(e => $"{e.Who}: {e.Action} {e.From} → {e.To}")];

    public IReadOnlyList<StubBackend> Gateways => _gateways;

    public const string UsualRamp =
        """
        {"Steps":[1,5,100],"Bake":"00:01:00","Gates":{"errors":{"Measure":"server-error","Against":"control","Margin":0.01}}}
        """;

    public static async Task<ControllerRig> StartAsync(string ramp = UsualRamp, int gateways = 1)
    {
        var rig = new ControllerRig(ramp);
        for (var i = 0; i < gateways; i++)
        {
            var name = $"gateway-{i}";
            rig._arms[name] = new Arms();
            var stub = await StubBackend.StartAsync(name);
            stub.Answers(context => context.Response.WriteAsJsonAsync(rig.Page(name), JsonSerializerOptions.Web));
            rig._gateways.Add(stub);
        }

        rig.Restart();
        return rig;
    }

    /// <summary>Another process on the same folder, after the first is gone.</summary>
    public void Restart()
    {
        _sources?.Dispose();
        var config = new ConfigFolder(Config.Path, static _ => "true", "Production", [], Clock);
        var options = new RolloutOptions { Controller = true, Tick = Tick };
        foreach (var gateway in _gateways)
            options.Gateways.Add(gateway.Address.ToString());
        Folder = new RolloutFolder(config, null, Clock);
        _sources = new EvidenceSources(options);
        var transitions = new Transitions(Folder);
        var notices = new RolloutNotices(Clock, NullLogger<RolloutNotices>.Instance);
        Controller = new RolloutController(
            Folder, _sources, transitions, notices, options, Clock, NullLogger<RolloutController>.Instance);
        Actions = new RolloutActions(Folder, transitions, notices, Clock, NullLogger<RolloutActions>.Instance);
    }

    public Task<RolloutEvent> ActAsync(
        string verb, string subject = "canary", double? percentage = null, string? reason = "a reason", string? revision = null) =>
        Actions.ActAsync(new(verb, subject, percentage, reason, "ada@desk", revision), TestContext.Current.CancellationToken);

    /// <summary>A tick in which each gateway saw so many users, of whom some failed.</summary>
    public async Task TickAsync(int canary = 40, int failing = 0, int control = 40, int failingControl = 0)
    {
        foreach (var arms in _arms.Values)
            arms.Add(canary, failing, control, failingControl);
        Clock.Advance(Tick);
        await Controller.LookAsync(TestContext.Current.CancellationToken);
    }

    public async Task TicksAsync(int count, int failing = 0)
    {
        for (var i = 0; i < count; i++)
            await TickAsync(failing: failing);
    }

    /// <summary>The gateway's process is another one from now on: its sums begin anew.</summary>
    public void RestartGateway(int gateway) => _arms[$"gateway-{gateway}"] = new Arms();

    public async ValueTask DisposeAsync()
    {
        _sources?.Dispose();
        foreach (var gateway in _gateways)
            await gateway.DisposeAsync();
        Config.Dispose();
    }

    private EvidencePage Page(string gateway)
    {
        var flags = OnDisk["feature_management"]!["feature_flags"]!.AsArray()
            .Where(flag => flag!["enabled"]!.GetValue<bool>()).Select(flag => flag!["id"]!.GetValue<string>());
        var cohorts = new Dictionary<string, CohortEvidence>(StringComparer.Ordinal)
        {
            ["canary"] = _arms[gateway].Read(Percentage, [.. flags]),
        };
        return new("000000000000", Tick.TotalSeconds, cohorts);
    }

    /// <summary>A wall clock that somebody sets, while time goes on as it did.</summary>
    internal sealed class JumpingClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

        public override long GetTimestamp() => base.GetTimestamp() - Jump.Ticks;
    }

    private sealed class Arms
    {
        private readonly string _epoch = Guid.NewGuid().ToString("n");
        private (long Canary, long Failing, long Control, long FailingControl, long Ticks) _sums;

        public void Add(int canary, int failing, int control, int failingControl) => _sums = (
            _sums.Canary + canary, _sums.Failing + failing, _sums.Control + control, _sums.FailingControl + failingControl, _sums.Ticks + 1);

        public CohortEvidence Read(double percentage, IReadOnlyList<string> flags)
        {
            var failing = Enumerable.Range(0, (int)Math.Min(_sums.Failing, 9)).Select(i => new FailingUser($"user-{i}", _sums.Ticks));
            var gates = new Dictionary<string, GateFigures>(StringComparer.Ordinal)
            {
                ["errors"] = new(new(_sums.Canary, _sums.Failing), new(_sums.Control, _sums.FailingControl), [.. failing]),
            };
            return new(_epoch, percentage, flags, new(
                _sums.Ticks, 0, new(_sums.Canary, _sums.Failing, 0, 60), new(_sums.Control, 0, 0, 60), gates));
        }
    }
}
