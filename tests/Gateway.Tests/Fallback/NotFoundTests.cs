using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Tests.Fallback;

/// <summary>docs/contract.md section 4, <c>FallbackOn</c>: what the new service does not have yet is asked of legacy.</summary>
public sealed class NotFoundTests
{
    private const string Path = "/api/calendar/c1";
    private const string Body = """{"code":"calendar-not-found"}""";

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task NotFound_GetOrHead_IsAnsweredByTheNextLink(string version)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy", version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        calendar.Answers(404, Body, "application/problem+json", ("X-Of", "calendar"));
        legacy.Answers(context =>
        {
            context.Response.StatusCode = context.Request.Headers.IfNoneMatch == "\"7\"" ? 304 : 200;
            context.Response.Headers.ETag = "\"7\"";
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(calendar, legacy, config =>
        {
            if (version == "2.0")
                config.Clusters["legacy"]!["HttpRequest"] = Http2();
        });

        foreach (var method in (string[])["GET", "HEAD"])
        {
            using var request = GatewayHarness.Request(new(method), Path, "ada", null, ("If-None-Match", "\"7\""));
            request.Version = Version.Parse(version);
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            using var response = await gateway.Client.SendAsync(request);

            Assert.Equal((304, "legacy", "not-found"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
            Assert.Equal(("gateway; received-status=404", "\"7\""), (response.ProxyStatus(), response.Header("ETag")));
            Assert.Null(response.Header("X-Of"));
            Assert.Equal(method, legacy.Requests[^1].Method);
        }

        var metrics = await gateway.MetricsAsync();
        Assert.Equal(2, metrics.Value(
            "gateway_fallbacks_total", ("route", "calendar"), ("from", "calendar"), ("to", "legacy"), ("reason", "not-found")));
        Assert.Equal(2, metrics.Value(
            "gateway_requests_total", ("route", "calendar"), ("backend", "legacy"), ("reason", "not-found"), ("code", "3xx")));
    }

    /// <summary>The service says of a GET that it is another user's.</summary>
    [Fact]
    public async Task NotFound_OfAnotherMethodOrAnothers_Passes()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy);

        foreach (var method in (string[])["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "GET"])
        {
            calendar.Answers(404, Body, "application/problem+json", method == "GET" ? [("X-Not-Elsewhere", "true")] : []);
            using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), Path, "ada"));

            Assert.Equal((404, "calendar", "in-cohort"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
            Assert.Equal((Body, (string?)null), (await response.TextAsync(), response.Header("X-Not-Elsewhere")));
        }

        Assert.Empty(legacy.Requests);
    }

    [Fact]
    public async Task NotFound_RouteWithoutIt_PassesAndTellsNobodyWhoseItIs()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(404, Body, "application/problem+json", ("X-Not-Elsewhere", "true"));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        using var response = await gateway.GetAsync(Path, "ada");

        Assert.Equal((404, "calendar", (string?)null), ((int)response.StatusCode, response.ServedBy(), response.Header("X-Not-Elsewhere")));
        Assert.Empty((await gateway.MetricsAsync()).Of("gateway_fallbacks_total", ("reason", "not-found")));
    }

    public enum Next
    {
        NotFound,
        Unavailable,
        Resets,
        Stopped,
    }

    public static IReadOnlyList<(string Method, Next Next, int Length, bool IsKept)> Nowhere { get; } =
    [
        ("GET", Next.NotFound, 100, true), ("HEAD", Next.NotFound, 100, true), ("GET", Next.Unavailable, 100, true),
        ("GET", Next.Resets, 16 * 1024, true), ("GET", Next.NotFound, 16 * 1024 + 1, false), ("GET", Next.Stopped, 0, true),
        ("GET", Next.Stopped, 1_000_000, false),
    ];

    [Fact]
    public async Task NotFound_NobodyElseHasIt_IsTheFirstAnswer()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(
            calendar, legacy, options: setup => setup.Option("Upstream:Circuit:MinimumThroughput", "1000"));

        foreach (var (method, next, length, isKept) in Nowhere)
        {
            calendar.Answers(404, new string('a', length), "text/x-words", ("X-Of", "calendar"));
            await BecomeAsync(legacy, next);

            using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), Path, "ada"));

            Assert.Equal(404, (int)response.StatusCode);
            if (isKept)
            {
                Assert.Equal(("calendar", "in-cohort", "calendar"), (response.ServedBy(), response.Reason(), response.Header("X-Of")));
                Assert.Equal(method == "GET" ? length : 0, (await response.TextAsync()).Length);
                Assert.Null(response.ProxyStatus());
            }
            else
            {
                Assert.Equal(("gateway", "not-found"), (response.ServedBy(), response.Reason()));
                Assert.Equal("not-found", await response.ProblemCodeAsync());
            }
        }

        Assert.Equal(Nowhere.Count, (await gateway.MetricsAsync()).Value("gateway_fallbacks_total", ("reason", "not-found")));
    }

    [Fact]
    public async Task NotFound_BodyWithoutEnd_IsNotWaitedForLong()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(async context =>
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await StartAsync(calendar, legacy);

        using var response = await gateway.GetAsync(Path, "ada");

        Assert.Equal((200, "legacy", "not-found"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
    }

    [Fact]
    public async Task NotFound_NextLinkSaysSomethingElse_OnlyAFailureIsPassedOver()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(404, Body);
        await using var gateway = await StartAsync(calendar, legacy);

        foreach (var (status, expected) in ((int, (int, string, string))[])[
            (502, (404, "calendar", Body)), (403, (403, "legacy", "legacy's own")), (500, (500, "legacy", "legacy's own"))])
        {
            legacy.Answers(status, "legacy's own");
            using var response = await gateway.GetAsync(Path, "ada");
            Assert.Equal(expected, ((int)response.StatusCode, response.ServedBy()!, await response.TextAsync()));
        }
    }

    [Fact]
    public async Task NotFound_ManyInARow_AreNoFailuresAndNoReplays()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(404, Body);
        await using var gateway = await StartAsync(
            calendar, legacy, options: setup => setup.Option("Upstream:Circuit:MinimumThroughput", "2")
                .Option("Fallback:ReplayShare", "0").Option("Fallback:ReplaysPerSecond", "0"));

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.GetAsync(Path, "ada");
            Assert.Equal(("legacy", "not-found"), (response.ServedBy(), response.Reason()));
        }

        Assert.Equal(20, calendar.Requests.Count);
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    [Fact]
    public async Task NotFound_OnlyADryRunBehind_Passes()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(404, Body);
        await using var gateway = await new GatewaySetup(calendar).Open().Edit(c => SetFallbackOn(c, "export")).StartAsync();

        using var response = await gateway.GetAsync("/api/calendar/c1/export", "ada");

        Assert.Equal((404, "calendar", Body), ((int)response.StatusCode, response.ServedBy(), await response.TextAsync()));
    }

    [Fact]
    public async Task NotFound_ThreeClusters_GoesOnToTheLast()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var archive = await StubBackend.StartAsync("archive");
        calendar.Answers(404, Body);
        legacy.Answers(404, "legacy's own");
        await using var gateway = await StartAsync(calendar, legacy, config =>
        {
            config.Clusters["archive"] = config.Clusters["legacy"]!.DeepClone();
            config.Clusters["archive"]!["Destinations"]!["legacy-1"]!["Address"] = archive.Address.ToString();
            config.Routes["calendar"]!["Metadata"]!["Fallback"] = "legacy,archive";
        });

        using var found = await gateway.GetAsync(Path, "ada");
        archive.Answers(404, "the archive's own");
        using var nowhere = await gateway.GetAsync(Path, "ada");

        Assert.Equal(("archive", "not-found"), (found.ServedBy(), found.Reason()));
        Assert.Equal(("calendar", Body), (nowhere.ServedBy(), await nowhere.TextAsync()));
    }

    [Fact]
    public async Task Explain_RouteWithIt_SaysSo()
    {
        await using var gateway = await new GatewaySetup().Edit(c => SetFallbackOn(c, "calendar")).StartAsync();

        Assert.Equal("404", (await gateway.ExplainAsync("GET", Path)).GetProperty("route").GetProperty("fallbackOn").GetString());
        Assert.Equal(
            System.Text.Json.JsonValueKind.Null,
            (await gateway.ExplainAsync("GET", "/elsewhere")).GetProperty("route").GetProperty("fallbackOn").ValueKind);
    }

    private static Task<GatewayHarness> StartAsync(
        StubBackend calendar, StubBackend legacy, Action<ConfigDirectory>? edit = null, Action<GatewaySetup>? options = null)
    {
        var setup = new GatewaySetup(calendar, legacy).Open().Edit(c => SetFallbackOn(c, "calendar")).Edit(edit ?? (_ => { }));
        options?.Invoke(setup);
        return setup.StartAsync();
    }

    private static void SetFallbackOn(ConfigDirectory config, string route) => config.Routes[route]!["Metadata"]!["FallbackOn"] = "404";

    private static System.Text.Json.Nodes.JsonObject Http2() => new() { ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact" };

    private static Task BecomeAsync(StubBackend legacy, Next next)
    {
        if (next == Next.Stopped)
            return legacy.StopAsync();
        if (next == Next.Resets)
            legacy.Resets();
        else
            legacy.Answers(next == Next.NotFound ? 404 : 503, "legacy's own");
        return Task.CompletedTask;
    }
}
