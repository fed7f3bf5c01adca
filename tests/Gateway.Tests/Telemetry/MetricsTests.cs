using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Telemetry;

/// <summary>
/// What each kind of request adds to the page; a little over 250 lines, a test for each metric.
/// Holds docs/contract.md section 7: metrics.
/// </summary>
public sealed class MetricsTests
{
    private static readonly (string Name, string Type, string[] Labels)[] Contract =
    [
        ("gateway_requests_total", "counter", ["backend", "code", "reason", "route"]),
        ("gateway_request_duration_seconds", "histogram", ["backend", "route"]),
        ("gateway_fallbacks_total", "counter", ["from", "reason", "route", "to"]),
        ("gateway_sse_streams_total", "counter", ["backend", "outcome", "route"]),
        ("gateway_sse_streams_active", "gauge", ["backend", "route"]),
        ("gateway_sse_first_event_seconds", "histogram", ["backend", "route"]),
        ("gateway_publish_requests_total", "counter", ["backend", "outcome", "reason"]),
        ("gateway_upstream_duration_seconds", "histogram", ["backend"]),
        ("gateway_permits_in_use", "gauge", ["scope"]),
        ("gateway_permits_limit", "gauge", ["scope"]),
        ("gateway_backend_up", "gauge", ["backend"]),
        ("gateway_circuit_state", "gauge", ["backend"]),
        ("gateway_flag_enabled", "gauge", ["flag"]),
        ("gateway_cohort_percentage", "gauge", ["cohort", "flag"]),
        ("gateway_config_last_reload_successful", "gauge", []),
        ("gateway_config_last_reload_success_timestamp_seconds", "gauge", []),
        ("gateway_config_info", "gauge", ["revision"]),
        ("gateway_build_info", "gauge", ["dotnet", "revision", "version"]),
    ];

    [Fact]
    public async Task FirstScrape_NobodyAskedAnything_HasEveryMetricOfTheContract()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var page = await gateway.MetricsAsync();

        foreach (var (name, type, labels) in Contract)
        {
            Assert.Equal(type, page.Types.GetValueOrDefault(name));
            var samples = page.Of(type == "histogram" ? name + "_count" : name).ToArray();
            Assert.NotEmpty(samples);
            Assert.All(samples, s => Assert.Equal(labels, s.Labels.Keys.Order(StringComparer.Ordinal)));
        }

        foreach (var outcome in (string[])["completed", "timeout", "error", "truncated", "idle", "cancelled", "client_aborted"])
            Assert.Equal(0, page.Value("gateway_sse_streams_total", ("route", "generate"), ("backend", "calendar"), ("outcome", outcome)));
        foreach (var outcome in (string[])["ok", "partial", "queued", "rejected", "failed"])
        {
            Assert.Equal(
                0, page.Value("gateway_publish_requests_total", ("backend", "calendar"), ("outcome", outcome), ("reason", "in-cohort")));
            foreach (var reason in (string[])["flag-off", "outside-cohort", "unhealthy", "circuit-open", "not-sent", "refused", "failed"])
                Assert.Equal(
                    0, page.Value("gateway_publish_requests_total", ("backend", "dry-run"), ("outcome", outcome), ("reason", reason)));
        }

        foreach (var reason in (string[])["unhealthy", "circuit-open", "not-sent", "refused", "failed"])
            Assert.Equal(0,
                page.Value("gateway_fallbacks_total", ("route", "publish"), ("from", "calendar"), ("to", "dry-run"), ("reason", reason)));
        foreach (var code in (string[])["2xx", "3xx", "4xx", "5xx"])
            Assert.Equal(0,
                page.Value("gateway_requests_total", ("route", "calendar"), ("backend", "legacy"), ("reason", "flag-off"), ("code", code)));
        Assert.Equal(0, page.Value("gateway_circuit_state"));
    }

    [Fact]
    public async Task FirstScrape_Route_OfRequestsThatHaveNone_IsThere()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        Assert.Equal(0, (await gateway.MetricsAsync()).Value(
            "gateway_requests_total", ("route", "none"), ("backend", "gateway"), ("reason", "refused"), ("code", "4xx")));
    }

    [Fact]
    public async Task Scrape_EveryRequest_IsCountedOnceUnderAKnownSeries()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        var before = Series(await gateway.MetricsAsync());
        foreach (var status in (int[])[200, 302, 404, 500])
        {
            legacy.Answers(status);
            (await gateway.GetAsync("/secret/path/of/ada", "ada")).Dispose();
        }

        (await gateway.GetAsync("/api/calendar", "ada")).Dispose();
        (await gateway.PostAsync("/api/publish", new { }, "ada")).Dispose();
        await legacy.StopAsync();
        (await gateway.GetAsync("/gone", "ada")).Dispose();
        var page = await gateway.MetricsAsync();

        foreach (var code in (string[])["2xx", "3xx", "4xx"])
            Assert.Equal(
                1, page.Value("gateway_requests_total", ("route", "legacy"), ("backend", "legacy"), ("reason", "ungated"), ("code", code)));
        Assert.Equal(7, page.Value("gateway_requests_total"));
        Assert.Equal(7, page.Value("gateway_request_duration_seconds_count"));
        Assert.Empty(Series(page).Except(before)); // Nothing appears that was not there as 0.
        Assert.DoesNotContain("secret", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"ada\"", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(202, null, "queued")]
    [InlineData(207, null, "partial")]
    [InlineData(200, null, "ok")]
    [InlineData(200, "partial", "partial")]
    [InlineData(422, null, "rejected")]
    [InlineData(500, null, "failed")]
    public async Task Publish_Outcome_IsTheServicesWordElseItsStatus(int status, string? word, string outcome)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(status, "{}", "application/json", word is null ? [] : [("X-Publish-Outcome", word)]);
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        (await gateway.PostAsync("/api/publish", new { }, "ada")).Dispose();

        var page = await gateway.MetricsAsync();
        Assert.Equal(
            1, page.Value("gateway_publish_requests_total", ("backend", "calendar"), ("reason", "in-cohort"), ("outcome", outcome)));
        Assert.Equal(1, page.Value("gateway_publish_requests_total"));
    }

    [Fact]
    public async Task Publish_OfTheDryRun_SaysWhetherTheServiceWasAway()
    {
        await using var away = await new GatewaySetup().Open().StartAsync();
        await using var off = await new GatewaySetup().StartAsync();
        var known = Series(await away.MetricsAsync());

        (await away.PostAsync("/api/publish", new { calendarId = "c1", entryIds = new[] { "e1" }, dryRun = true }, "ada")).Dispose();
        (await off.PostAsync("/api/publish", new { calendarId = "c1", entryIds = new[] { "e1" }, dryRun = true }, "ada")).Dispose();

        var page = await away.MetricsAsync();
        Assert.Equal(1, page.Value("gateway_publish_requests_total", ("backend", "dry-run"), ("reason", "not-sent"), ("outcome", "ok")));
        Assert.Empty(Series(page).Except(known));
        Assert.Equal(1, (await off.MetricsAsync())
            .Value("gateway_publish_requests_total", ("backend", "dry-run"), ("reason", "flag-off"), ("outcome", "ok")));
    }

    [Fact]
    public async Task Upstream_EachTryThatGotAHead_IsTimedUnderItsBackend()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar").Probing("legacy").StartAsync();
        await Eventually.TrueAsync("both backends were probed", () => calendar.Probes > 0 && legacy.Probes > 0);
        calendar.Answers(503, "", null, ("X-Not-Accepted", "true"));
        (await gateway.GetAsync("/api/calendar", "ada")).Dispose(); // Two tries.
        calendar.Resets();
        (await gateway.GetAsync("/api/calendar", "ada")).Dispose(); // Two tries, and the first got no head.

        var page = await gateway.MetricsAsync();

        Assert.Equal(1, page.Value("gateway_upstream_duration_seconds_count", ("backend", "calendar")));
        Assert.Equal(2, page.Value("gateway_upstream_duration_seconds_count", ("backend", "legacy")));
    }

    [Fact]
    public async Task Reload_WhatLeftTheConfiguration_LosesItsGaugesAndKeepsItsCounters()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var setup = new GatewaySetup(null, legacy);
        setup.Config.Clusters["old"] = setup.Config.Clusters["legacy"]!.DeepClone();
        setup.Config.Routes["old"] = new JsonObject { ["ClusterId"] = "old", ["Match"] = new JsonObject { ["Path"] = "/old" } };
        await using var gateway = await setup.StartAsync();
        (await gateway.GetAsync("/old")).Dispose();
        var before = await gateway.MetricsAsync();
        Assert.Single(before.Of("gateway_backend_up", ("backend", "old")));
        Assert.Single(before.Of("gateway_circuit_state", ("backend", "old")));

        await gateway.ReloadAsync(c =>
        {
            c.Clusters.Remove("old");
            c.Routes.Remove("old");
        });

        var after = await gateway.MetricsAsync();
        Assert.Empty(after.Of("gateway_backend_up", ("backend", "old")));
        Assert.Empty(after.Of("gateway_circuit_state", ("backend", "old")));
        Assert.Equal(1, after.Value("gateway_requests_total", ("route", "old")));
        Assert.Equal(1, after.Value("gateway_upstream_duration_seconds_count", ("backend", "old")));
    }

    [Fact]
    public async Task Reload_NewRoute_IsThereAsZero()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        await gateway.ReloadAsync(c => c.Routes["new"] = new JsonObject
        {
            ["ClusterId"] = "legacy",
            ["Match"] = new JsonObject { ["Path"] = "/new" },
        });

        // The revision is in force a moment before everybody has been told of it.
        await Eventually.TrueAsync("the new route's series are there", async () => (await gateway.MetricsAsync())
            .Of("gateway_requests_total", ("route", "new"), ("backend", "legacy"), ("reason", "ungated"), ("code", "5xx"))
            .Any(s => s.Value == 0));
    }

    [Fact]
    public async Task Flags_OnAndOff_ShowBothKeysAndThePercentage()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 25)
            .Edit(c => c.Flag(GatewaySetup.PublishFlag)["enabled"] = true).StartAsync();

        var page = await gateway.MetricsAsync();

        Assert.Equal((1, 25), (page.Value("gateway_flag_enabled", ("flag", GatewaySetup.CalendarFlag)),
            page.Value("gateway_cohort_percentage", ("cohort", "canary"), ("flag", GatewaySetup.CalendarFlag))));
        Assert.Equal((0, 0), (page.Value("gateway_flag_enabled", ("flag", GatewaySetup.PublishFlag)),
            page.Value("gateway_cohort_percentage", ("cohort", "canary"), ("flag", GatewaySetup.PublishFlag))));
    }

    /// <summary>A filter without a cohort has no name, a flag for everybody neither; who leaves goes.</summary>
    [Fact]
    public async Task Flags_WithCohortsOfTheirOwn_HaveASeriesForEach()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 25).Edit(config =>
        {
            config.Rollout["Cohorts"]!["beta"] = new JsonObject { ["DefaultRolloutPercentage"] = 60 };
            config.Flag(GatewaySetup.CalendarFlag)["conditions"] = Filters(
                Cohort("canary"), Cohort("beta"), Cohort("beta"), Targeting(5), Targeting(7));
            config.Flag(GatewaySetup.PublishFlag)["enabled"] = true;
            config.Flag(GatewaySetup.PublishFlag)["conditions"] = Filters();
        }).Environment(GatewaySetup.PublishFlag).StartAsync();

        Assert.Equal(
            ["CALENDAR_SERVICE_ENABLED  7", "CALENDAR_SERVICE_ENABLED beta 60", "CALENDAR_SERVICE_ENABLED canary 25",
                "PUBLISH_SERVICE_ENABLED  100"],
            Percentages(await gateway.MetricsAsync()));

        await gateway.ReloadAsync(config =>
        {
            config.Flag(GatewaySetup.CalendarFlag)["conditions"] = Filters(Cohort("canary"));
            config.Flag(GatewaySetup.PublishFlag)["enabled"] = false;
        });

        Assert.Equal(
            ["CALENDAR_SERVICE_ENABLED canary 25", "PUBLISH_SERVICE_ENABLED  0"], Percentages(await gateway.MetricsAsync()));

        static JsonObject Filters(params JsonObject[] filters) => new() { ["client_filters"] = new JsonArray([.. filters]) };
        static JsonObject Cohort(string name) =>
            new() { ["name"] = "Cohort", ["parameters"] = new JsonObject { ["Name"] = name } };
        static JsonObject Targeting(double percentage) => new()
        {
            ["name"] = "Targeting",
            ["parameters"] = new JsonObject { ["Audience"] = new JsonObject { ["DefaultRolloutPercentage"] = percentage } },
        };
        static IEnumerable<string> Percentages(MetricsPage page) => page.Of("gateway_cohort_percentage")
            .Select(s => $"{s.Labels["flag"]} {s.Labels["cohort"]} {s.Value}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task TwoGateways_InOneProcess_DoNotCountForEachOther()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var first = await new GatewaySetup(null, legacy).StartAsync();
        await using var second = await new GatewaySetup(null, legacy).StartAsync();

        (await first.GetAsync("/page")).Dispose();

        Assert.Equal(1, (await first.MetricsAsync()).Value("gateway_requests_total"));
        Assert.Equal(0, (await second.MetricsAsync()).Value("gateway_requests_total"));
    }

    [Fact]
    public async Task Page_AsPrometheusReadsIt_HasNoParseError()
    {
        await using var gateway = await new GatewaySetup().Open().StartAsync();
        (await gateway.PostAsync("/api/calendar/generate", DryRun.Requests.Generate(), "ada")).Dispose();
        var text = (await gateway.MetricsAsync()).Text;

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var complaints = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, complaints);
    }

    private static HashSet<string> Series(MetricsPage page) =>
        [.. page.Samples.Where(s => s.Name.StartsWith("gateway_", StringComparison.Ordinal))
            .Select(s => s.Name + string.Join(
                ',', s.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")))];
}
