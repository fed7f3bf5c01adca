using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Telemetry;

/// <summary>What somebody sees who asks for the page, Prometheus first of all.</summary>
public sealed partial class MetricsPageTests(MetricsPageTests.Idle idle) : IClassFixture<MetricsPageTests.Idle>
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private static readonly (string? Type, HttpMethod Method)[] Asked =
        [(null, HttpMethod.Get), ("application/openmetrics-text", HttpMethod.Get), (null, HttpMethod.Head)];

    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>The last but two are what Prometheus 2.42 and 3 send.</summary>
    [Theory]
    [InlineData(null, Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/html", Text)]
    [InlineData("text/plain;version=0.0.4", Text)]
    [InlineData("application/openmetrics-text; version=1.0.0", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.9", Text)]
    [InlineData(
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics)]
    [InlineData(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics)]
    [InlineData("not a media type", Text)]
    public async Task Page_ByAccept_IsTextOrOpenMetrics(string? accept, string contentType)
    {
        using var answer = await AskAsync(idle.Gateway, HttpMethod.Get, accept);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal((200, contentType), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.Equal(contentType == OpenMetrics, text.EndsWith("\n# EOF\n", StringComparison.Ordinal));
        Assert.Equal(contentType == Text, text.Contains("# TYPE gateway_requests_total counter\n", StringComparison.Ordinal));
        Assert.Equal(contentType == OpenMetrics, text.Contains("# TYPE gateway_requests counter\n", StringComparison.Ordinal));
        Assert.NotEmpty(MetricsPage.Parse(text).Of("gateway_requests_total"));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("br;q=0.5, gzip;q=0.8", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("*", "br")]
    [InlineData("gzip;q=0", null)]
    [InlineData("gzip;q=0, *", "br")]
    [InlineData("*;q=0", null)]
    [InlineData("identity", null)]
    [InlineData("identity;q=1, gzip;q=0.5", null)]
    [InlineData("deflate, zstd", null)]
    [InlineData(";;,", null)]
    public async Task Page_ByAcceptEncoding_IsCompressed(string? accept, string? encoding)
    {
        foreach (var (type, method) in Asked)
        {
            using var answer = await AskAsync(idle.Gateway, method, type, accept);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            var text = method == HttpMethod.Head ? "" : await ReadAsync(stream, encoding);

            Assert.Equal((200, encoding), ((int)answer.StatusCode, answer.Header("Content-Encoding")));
            if (encoding is not null)
                Assert.Equal("Accept-Encoding", answer.Header("Vary"));
            Assert.Equal(method == HttpMethod.Get, text.Contains("\ngateway_requests_total{", StringComparison.Ordinal));
        }
    }

    /// <summary>Hundreds of kilobytes each few seconds from every gateway, nearly all of it names.</summary>
    [Fact]
    public async Task Page_Compressed_IsATenthAtMost()
    {
        using var plain = await AskAsync(idle.Gateway, HttpMethod.Get, null);
        using var gzip = await AskAsync(idle.Gateway, HttpMethod.Get, null, "gzip");

        Assert.InRange(
            (await gzip.Content.ReadAsByteArrayAsync()).Length, 500, (await plain.Content.ReadAsByteArrayAsync()).Length / 10);
    }

    /// <summary>The rules of OpenMetrics 1.0 that the text format does not have.</summary>
    [Fact]
    public async Task OpenMetrics_Page_KeepsItsRules()
    {
        using var answer = await AskAsync(idle.Gateway, HttpMethod.Get, "application/openmetrics-text; version=1.0.0");
        var lines = (await answer.TextAsync()).Split('\n');

        Assert.Equal(["# EOF", ""], lines[^2..]);
        var family = "";
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines[..^2])
        {
            Assert.DoesNotContain("# {", line, StringComparison.Ordinal);
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                family = line.Split(' ')[2];
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                types.Add(family, line[$"# TYPE {family} ".Length..]); // Once, right after its help.
            else
                Assert.Matches($@"^{family}{Suffix(types[family])}(\{{.*\}})? (\+Inf|[-0-9.e+]+)$", line);
        }

        Assert.DoesNotContain(types, type => type.Key.EndsWith("_total", StringComparison.Ordinal));
        Assert.All(lines.SelectMany(line => Bound().Matches(line)), bound =>
            Assert.Matches(@"^(\+Inf|\d+\.\d+|\d.*e[-+]\d+)$", bound.Groups[1].Value));

        static string Suffix(string type) => type switch
        {
            "counter" => "_total",
            "histogram" => "_(bucket|sum|count)",
            _ => "",
        };
    }

    [Fact]
    public async Task Page_OtherMethods_AreRefused()
    {
        using var head = await AskAsync(idle.Gateway, HttpMethod.Head, null);
        using var post = await AskAsync(idle.Gateway, HttpMethod.Post, null);

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
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        Assert.Equal(new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0, page.Value("process_start_time_seconds"), 1.0);
        Assert.Equal(3, page.Of("dotnet_collection_count_total").Count());
        Assert.Single(page.Of("system_runtime_dotnet_gc_pause_time"));
        Assert.Single(page.Of("system_runtime_dotnet_thread_pool_queue_length"));
        Assert.Single(page.Of("dotnet_active_timers"));
        Assert.All(page.Types.Keys, name => Assert.Matches("^(gateway|process|dotnet|system_runtime|prometheus_net)_", name));
    }

    /// <summary>What <c>--version</c> says, in two labels, beside the runtime.</summary>
    [Fact]
    public async Task BuildInfo_Labels_AreVersionCommitAndRuntime()
    {
        var labels = Assert.Single((await idle.Gateway.MetricsAsync()).Of("gateway_build_info")).Labels;

        Assert.Matches(@"^\d+\.\d+\.\d+(-[\w.]+)?$", labels["version"]);
        Assert.Matches("^([0-9a-f]{40}|unknown)$", labels["revision"]);
        Assert.Equal(Environment.Version.ToString(), labels["dotnet"]);
        Assert.Equal(
            ServiceDefaults.Starting.ProgramVersion.Text,
            labels["revision"] == "unknown" ? labels["version"] : $"{labels["version"]}+{labels["revision"]}");
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

    private static async Task<string> ReadAsync(Stream stream, string? encoding)
    {
        await using var decoded = encoding switch
        {
            "gzip" => new GZipStream(stream, CompressionMode.Decompress),
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            _ => stream,
        };
        using var reader = new StreamReader(decoded);
        return await reader.ReadToEndAsync();
    }

    private static async Task<HttpResponseMessage> AskAsync(
        GatewayHarness gateway, HttpMethod method, string? accept, string? encoding = null)
    {
        using var request = new HttpRequestMessage(method, "/metrics");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (encoding is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        return await gateway.Admin.SendAsync(request);
    }

    [GeneratedRegex("le=\"([^\"]*)\"")]
    private static partial Regex Bound();

    [GeneratedRegex("^# HELP (?<name>[a-z_]+) (?<help>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Help();

    /// <summary>A gateway that nobody has asked anything but its page.</summary>
    public sealed class Idle : IAsyncLifetime
    {
        internal GatewayHarness Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await new GatewaySetup().StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
