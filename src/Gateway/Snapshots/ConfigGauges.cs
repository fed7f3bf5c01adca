using System.Diagnostics.Metrics;
using Gateway.Telemetry;

namespace Gateway.Snapshots;

/// <summary>What is true now of the configuration: read at each scrape.</summary>
internal sealed class ConfigGauges(IMeterFactory meters, ConfigStore store)
{
    public void Register()
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        meter.CreateObservableGauge("gateway_flag_enabled", Enabled, null, "1 while both keys of the flag are on.");
        meter.CreateObservableGauge("gateway_cohort_percentage", Percentages, null, "Share of users that the flag lets in, in percent; 0 while it is off.");
        meter.CreateObservableGauge("gateway_config_last_reload_successful", () => store.LastReload.Successful ? 1 : 0, null, "1 while the files on disk are the ones in force.");
        meter.CreateObservableGauge(
            "gateway_config_last_reload_success_timestamp_seconds",
            () => store.Current.LoadedAt.ToUnixTimeMilliseconds() / 1000.0, "s", "When the configuration in force was loaded, as Unix time.");
        meter.CreateObservableGauge(
            "gateway_config_info",
            () => new Measurement<long>(1, new KeyValuePair<string, object?>("revision", store.Current.Revision)),
            null, "Always 1; the label is the revision in force.");
    }

    private IEnumerable<Measurement<long>> Enabled()
    {
        foreach (var flag in store.Current.Flags.Values)
            yield return new(flag.Switch.On ? 1 : 0, new KeyValuePair<string, object?>("flag", flag.Name));
    }

    private IEnumerable<Measurement<double>> Percentages()
    {
        foreach (var flag in store.Current.Flags.Values)
            yield return new(flag.Percentage, new KeyValuePair<string, object?>("flag", flag.Name));
    }
}
