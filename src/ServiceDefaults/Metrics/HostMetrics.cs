using System.Diagnostics.Metrics;
using Prometheus;
using ServiceDefaults.Starting;

namespace ServiceDefaults.Metrics;

/// <summary>
/// One host's metrics: ours, the library's standard ones of the process, and what those lack of the runtime. Not the library's global
/// registry, so that several hosts in one process stay apart.
/// </summary>
internal sealed class HostMetrics : IDisposable
{
    private readonly IDisposable _runtime;

    public HostMetrics(string program)
    {
        Registry = Prometheus.Metrics.NewCustomRegistry();
        Factory = Prometheus.Metrics.WithCustomRegistry(Registry);
        // The default looks for a trace at every event, which costs several times as much as the event.
        Factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        Factory.CreateGauge($"{program}_build_info", "Always 1; the labels are what runs: version, commit and runtime.",
            ["dotnet", "revision", "version"])
            .WithLabels(Environment.Version.ToString(), ProgramVersion.Revision, ProgramVersion.Number).Set(1);
        DotNetStats.Register(Registry);
        // By hand: under the adapter's name for it, which ends in _count, promtool refuses a gauge.
        var timers = Factory.CreateGauge("dotnet_active_timers", "Timers that are set.");
        Registry.AddBeforeCollectCallback(() => timers.Set(Timer.ActiveCount));
        _runtime = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = Registry,
            MetricFactory = Factory, // Also this one: its default is the global one.
            InstrumentFilterPredicate = IsShown,
        });
    }

    public CollectorRegistry Registry { get; }

    public MetricFactory Factory { get; }

    public void Dispose() => _runtime.Dispose();

    /// <summary>What the runtime's dashboard reads. The runtime is asked for it at a scrape; no request pays for it.</summary>
    private static bool IsShown(Instrument instrument) =>
        instrument is { Meter.Name: "System.Runtime", Name: "dotnet.gc.pause.time" or "dotnet.thread_pool.queue.length" };
}
