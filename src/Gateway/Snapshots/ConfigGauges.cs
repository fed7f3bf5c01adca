using Prometheus;
using ServiceDefaults.Metrics;

namespace Gateway.Snapshots;

/// <summary>What is true now of the configuration: read at each scrape.</summary>
internal sealed class ConfigGauges(CollectorRegistry registry, IMetricFactory metrics, ConfigStore store)
{
    public void Register()
    {
        var percentages = metrics.CreateGauge(
            "gateway_cohort_percentage", "Share of the cohort's users that the flag lets in, in percent; 0 while it is off.",
            ["cohort", "flag"]);
        var revision = metrics.CreateGauge("gateway_config_info", "Always 1; the label is the revision in force.", ["revision"]);
        var successful = metrics.CreateGauge(
            "gateway_config_last_reload_successful", "1 while the files on disk are the ones in force.");
        var loadedAt = metrics.CreateGauge(
            "gateway_config_last_reload_success_timestamp_seconds", "When the configuration in force was loaded, as Unix time.");
        var enabled = metrics.CreateGauge("gateway_flag_enabled", "1 while both keys of the flag are on.", ["flag"]);
        registry.AddBeforeCollectCallback(() =>
        {
            percentages.SetAll(store.Current.Flags.Values.SelectMany(flag =>
                flag.CohortPercentages.Select(cohort => (Labels: (string[])[cohort.Key, flag.Name], cohort.Value))));
            revision.SetAll([(store.Current.Revision, 1)]);
            successful.Set(store.LastReload.Successful ? 1 : 0);
            loadedAt.Set(store.Current.LoadedAt.ToUnixTimeMilliseconds() / 1000.0);
            enabled.SetAll(store.Current.Flags.Values.Select(flag => (flag.Name, flag.Switch.On ? 1.0 : 0)));
        });
    }
}
