namespace SystemTests.Monitoring;

/// <summary>
/// What promtool says of a live scrape of both programs, and that it has every metric of the contract.
/// Holds docs/contract.md section 7: metrics.
/// </summary>
public sealed class ScrapeTests
{
    [Fact]
    public async Task Scrape_OfBothPrograms_IsCleanAndNamesEveryMetricOfTheContract()
    {
        await using var system = await TestSystem.StartAsync();
        await RolloutTests.WholeStoryAsync(system);
        var gateway = await system.Admin.GetStringAsync("/metrics");
        var service = await system.Service.GetStringAsync("/metrics");

        Assert.All(
            (string[])["gateway_requests_total", "gateway_request_duration_seconds", "gateway_fallbacks_total", "gateway_sse_streams_total",
                "gateway_sse_streams_active", "gateway_sse_first_event_seconds", "gateway_publish_requests_total",
                "gateway_upstream_duration_seconds", "gateway_build_info", "gateway_backend_up",
                "gateway_circuit_state", "gateway_flag_enabled", "gateway_cohort_percentage", "gateway_config_last_reload_successful",
                "gateway_config_last_reload_success_timestamp_seconds", "gateway_config_info"],
            name => Assert.Contains($"# TYPE {name} ", gateway, StringComparison.Ordinal));
        Assert.All(
            (string[])["calendar_generation_runs_total", "calendar_publish_intents_total", "calendar_channel_auth_failures_total",
                "calendar_store_up", "calendar_data_folder_writable", "calendar_build_info",
                "calendar_spool_depth", "calendar_spool_oldest_seconds", "calendar_spool_replayed_total"],
            name => Assert.Contains($"# TYPE {name} ", service, StringComparison.Ordinal));
        Assert.Contains("gateway_publish_requests_total{backend=\"calendar\",outcome=\"ok\",reason=\"in-cohort\"} 1\n", gateway,
            StringComparison.Ordinal);
        Assert.Contains("outcome=\"completed\",route=\"generate\"} 1\n", gateway, StringComparison.Ordinal);
        await Tool.RunAsync("promtool", gateway, "check", "metrics");
        await Tool.RunAsync("promtool", service, "check", "metrics");
    }
}
