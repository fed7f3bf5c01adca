using System.Text.RegularExpressions;

namespace Gateway.Tests.Telemetry;

/// <summary>What somebody sees who asks for the page, Prometheus first of all.</summary>
public sealed partial class MetricsPageTests
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>The last but one is what Prometheus 2.42 sends.</summary>
    [Theory]
    [InlineData(null, Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/html", Text)]
    [InlineData("text/plain;version=0.0.4", Text)]
    [InlineData("application/openmetrics-text; version=1.0.0", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.9", Text)]
    [InlineData(
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics)]
    [InlineData("not a media type", Text)]
    public async Task Page_ByAccept_IsTextOrOpenMetrics(string? accept, string contentType)
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        using var answer = await AskAsync(gateway, HttpMethod.Get, accept);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal((200, contentType), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.Equal(contentType == OpenMetrics, page.EndsWith("\n# EOF\n", StringComparison.Ordinal));
        Assert.Equal(contentType == Text, page.Contains("# TYPE gateway_requests_total counter\n", StringComparison.Ordinal));
        Assert.Equal(contentType == OpenMetrics, page.Contains("# TYPE gateway_requests counter\n", StringComparison.Ordinal));
        Assert.NotEmpty(MetricsPage.Parse(page).Of("gateway_requests_total"));
    }

    [Fact]
    public async Task Page_OtherMethods_AreRefused()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        using var head = await AskAsync(gateway, HttpMethod.Head, null);
        using var post = await AskAsync(gateway, HttpMethod.Post, null);

        Assert.Equal(
            (200, Text, ""), ((int)head.StatusCode, head.Content.Headers.ContentType!.ToString(), await head.Content.ReadAsStringAsync()));
        Assert.Equal(405, (int)post.StatusCode);
    }

    [Fact]
    public async Task OpenMetrics_TracedRequests_LeaveNoExemplar()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        (await gateway.GetAsync("/page", null, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))).Dispose();

        using var answer = await AskAsync(gateway, HttpMethod.Get, "application/openmetrics-text");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("gateway_requests_total{backend=\"legacy\",code=\"2xx\",reason=\"ungated\",route=\"legacy\"} 1.0\n", page,
            StringComparison.Ordinal);
        Assert.DoesNotContain("# {", page, StringComparison.Ordinal);
        Assert.DoesNotContain("0af7651916cd43dd8448eb211c80319c", page, StringComparison.Ordinal);
    }

    /// <summary>The standard names of the library, and the two that the runtime itself is asked for; nothing of a request.</summary>
    [Fact]
    public async Task Page_ProcessAndRuntime_StandBesideOurs()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        (await gateway.GetAsync("/page")).Dispose();

        var page = await gateway.MetricsAsync();

        foreach (var name in (string[])["process_cpu_seconds_total", "process_start_time_seconds", "process_working_set_bytes",
            "process_private_memory_bytes", "process_virtual_memory_bytes", "process_open_handles", "process_num_threads",
            "dotnet_total_memory_bytes"])
            Assert.True(page.Value(name) > 0, name);
        Assert.Equal(3, page.Of("dotnet_collection_count_total").Count());
        Assert.Single(page.Of("system_runtime_dotnet_gc_pause_time"));
        Assert.Single(page.Of("system_runtime_dotnet_thread_pool_queue_length"));
        Assert.All(page.Types.Keys, name => Assert.Matches("^(gateway|process|dotnet|system_runtime|prometheus_net)_", name));
    }

    /// <summary>The library does not escape them, so none may need it.</summary>
    [Fact]
    public async Task Help_OfEveryMetric_IsThereAndNeedsNoEscape()
    {
        await using var gateway = await new GatewaySetup().StartAsync();
        var page = await gateway.MetricsAsync();

        var helps = Help().Matches(page.Text);

        Assert.Equal(
            page.Types.Keys.Order(StringComparer.Ordinal), helps.Select(h => h.Groups["name"].Value).Order(StringComparer.Ordinal));
        Assert.All(helps, help => Assert.DoesNotMatch(@"[\\""]|^\s*$", help.Groups["help"].Value));
    }

    private static async Task<HttpResponseMessage> AskAsync(GatewayHarness gateway, HttpMethod method, string? accept)
    {
        using var request = new HttpRequestMessage(method, "/metrics");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        return await gateway.Admin.SendAsync(request);
    }

    [GeneratedRegex("^# HELP (?<name>[a-z_]+) (?<help>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Help();
}
