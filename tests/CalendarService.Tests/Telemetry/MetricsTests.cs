namespace CalendarService.Tests.Telemetry;

/// <summary>Holds docs/contract.md section 7: metrics.</summary>
public sealed class MetricsTests(Databases databases)
{
    [Fact]
    public async Task FirstScrape_NobodyAskedAnything_HasEveryMetricOfTheContract()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var page = (await service.GetAsync("/metrics")).Text;

        string[] series =
        [
            .. from outcome in (
                string[])["complete", "timeout", "error", "cancelled"] select $"calendar_generation_runs_total{{outcome=\"{outcome}\"}} 0",
            .. from channel in (string[])["linkedin", "x", "tiktok"]
               from status in (string[])["dry_run_ok", "queued", "failed"]
               select $"calendar_publish_intents_total{{channel=\"{channel}\",status=\"{status}\"}} 0",
            .. from channel in (string[])["linkedin", "x", "tiktok"]
               from reason in (string[])["missing", "expired", "invalid"]
               select $"calendar_channel_auth_failures_total{{channel=\"{channel}\",reason=\"{reason}\"}} 0",
            "calendar_spool_depth 0", "calendar_spool_oldest_seconds 0", "calendar_spool_replayed_total 0",
        ];
        Assert.All(series, line => Assert.Contains("\n" + line + "\n", page, StringComparison.Ordinal));
        Assert.Matches("\ncalendar_store_up [01]\n", page);
        Assert.Matches("\ncalendar_build_info\\{dotnet=\"[0-9.]+\",revision=\"\\w+\",version=\"[0-9][^\"+]*\"\\} 1\n", page);
    }

    [Fact]
    public async Task Page_ProcessAndRuntime_StandBesideOurs()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var names = (await service.GetAsync("/metrics")).Text.Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToArray();

        Assert.Contains("process_cpu_seconds_total", names);
        Assert.Contains("dotnet_collection_count_total", names);
        Assert.All(names, name => Assert.Matches("^(calendar|process|dotnet|system_runtime|prometheus_net)_", name));
    }

    [Fact]
    public async Task Page_AskedForOpenMetrics_SpeaksIt()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var page = await service.GetAsync("/metrics", ("Accept", "application/openmetrics-text; version=1.0.0"));

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", page.Content.ContentType!.ToString());
        Assert.EndsWith("\n# EOF\n", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AskedForGzip_IsCompressed()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var page = await service.GetAsync("/metrics", ("Accept-Encoding", "gzip"));

        Assert.Equal("gzip", Assert.Single(page.Content.ContentEncoding));
    }

    [Fact]
    public async Task Metrics_OfTwoServicesInOneProcess_StayApart()
    {
        await using var busy = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await using var idle = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        await busy.GenerateAsync();

        const string complete = "calendar_generation_runs_total{outcome=\"complete\"} ";
        Assert.Contains(complete + "1\n", (await busy.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        Assert.Contains(complete + "0\n", (await idle.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }
}
