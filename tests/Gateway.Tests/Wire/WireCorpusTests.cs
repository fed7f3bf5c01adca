using System.Net;
using System.Text.RegularExpressions;
using ServiceDefaults.Correlation;

namespace Gateway.Tests.Wire;

/// <summary>
/// Every case of the corpus, before a backend that shows bytes and before one that parses as Kestrel does.
/// Holds docs/contract.md section 2: routes.
/// </summary>
public sealed partial class WireCorpusTests(WireCorpusTests.Gateways gateways) : IClassFixture<WireCorpusTests.Gateways>
{
    private static readonly Dictionary<string, WireCase> Corpus =
        WireCorpus.All.ToDictionary(c => c.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Corpus.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bytes_BeforeARawBackend_AreRefusedOrArriveWithTheMeaningThatRoutingSaw(string name)
    {
        gateways.RawLegacy.Forget();
        gateways.RawCalendar.Forget();
        var wire = Corpus[name];

        var answer = await WireClient.TalkAsync(gateways.BeforeRaw, wire);

        Check(wire, answer, [.. Seen(gateways.RawLegacy, "legacy"), .. Seen(gateways.RawCalendar, "calendar")]);
        foreach (var request in (RawRequest[])[.. gateways.RawLegacy.Requests, .. gateways.RawCalendar.Requests])
            CheckHead(request);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bytes_BeforeKestrel_AreRefusedOrArriveWithTheMeaningThatRoutingSaw(string name)
    {
        var (legacy, calendar) = (gateways.Legacy.Requests.Count, gateways.Calendar.Requests.Count);
        var wire = Corpus[name];

        var answer = await WireClient.TalkAsync(gateways.BeforeKestrel, wire);

        Check(wire, answer, [.. Seen(gateways.Legacy, legacy, "legacy"), .. Seen(gateways.Calendar, calendar, "calendar")]);
    }

    [Fact]
    public void Corpus_OfThisSize_IsWhatIsClaimed() => Assert.True(Corpus.Count >= 100, $"{Corpus.Count} cases");

    private static void Check(WireCase wire, string answer, Arrival[] seen)
    {
        Assert.Equal(wire.Arrivals, seen);
        var status = WireClient.StatusOf(answer);
        if (wire.Unfinished)
            Assert.True(status is null or (>= 400 and < 500), answer);
        else if (wire.IsRefused)
            Assert.True(wire.Status is { } expected ? status == expected : status is null or (>= 400 and < 600), answer);
        else
            Assert.Equal(200, status);
        Assert.DoesNotContain("gateway_requests_total", answer, StringComparison.Ordinal);
        foreach (var header in (string[])["X-Request-Id: ", "X-Served-By: ", "X-Route-Reason: "])
            Assert.Equal(FinalStatus().Count(answer), answer.Split(header).Length - 1); // Kestrel's own refusals included.
    }

    [GeneratedRegex("HTTP/1\\.1 [2-5][0-9]{2} ")]
    private static partial Regex FinalStatus();

    /// <summary>Whatever the client wrote: one length, one of each header that is ours, no line that is not one.</summary>
    private static void CheckHead(RawRequest request)
    {
        Assert.True(request.Values("Content-Length").Count + request.Values("Transfer-Encoding").Count <= 1, request.Head);
        Assert.True(request.Values("X-User-Id").Count <= 1, request.Head);
        Assert.DoesNotContain("root", request.Head, StringComparison.Ordinal);
        Assert.True(RequestId.TryParse(Assert.Single(request.Values("X-Request-Id")), out _), request.Head);
        Assert.Single(request.Values("Host"));
        Assert.Single(request.Values("X-Forwarded-For"));
        Assert.DoesNotContain("Injected", request.Head, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP2-Settings", request.Head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\0', request.Head);
        var lines = request.Head.Replace("\r\n", "", StringComparison.Ordinal);
        Assert.False(lines.Contains('\r') || lines.Contains('\n'), request.Head);
    }

    private static IEnumerable<Arrival> Seen(RawUpstream backend, string name) => backend.Requests
        .Where(r => r.Line != "GET " + WireClient.SentinelPath).Select(r => new Arrival(name, r.Line, r.Body));

    private static IEnumerable<Arrival> Seen(StubBackend backend, int before, string name) => backend.Requests.Skip(before)
        .Where(r => r.Target != WireClient.SentinelPath).Select(r => new Arrival(name, $"{r.Method} {r.Target}", r.BodyText));

    /// <summary>Both gateways and what stands behind them, started once; a case costs a connection.</summary>
    public sealed class Gateways : IAsyncLifetime
    {
        private GatewayHarness _raw = null!;
        private GatewayHarness _kestrel = null!;

        internal RawUpstream RawLegacy { get; } = new();

        internal RawUpstream RawCalendar { get; } = new();

        internal StubBackend Legacy { get; private set; } = null!;

        internal StubBackend Calendar { get; private set; } = null!;

        internal IPEndPoint BeforeRaw => new(IPAddress.Loopback, _raw.PublicAddress.Port);

        internal IPEndPoint BeforeKestrel => new(IPAddress.Loopback, _kestrel.PublicAddress.Port);

        public async ValueTask InitializeAsync()
        {
            (Legacy, Calendar) = (await StubBackend.StartAsync("legacy"), await StubBackend.StartAsync("calendar"));
            _kestrel = await new GatewaySetup(Calendar, Legacy).Open().StartAsync();
            _raw = await new GatewaySetup().Open().Edit(config =>
            {
                config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = RawLegacy.Address.ToString();
                config.Clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = RawCalendar.Address.ToString();
            }).StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _raw.DisposeAsync();
            await _kestrel.DisposeAsync();
            await Legacy.DisposeAsync();
            await Calendar.DisposeAsync();
            await RawLegacy.DisposeAsync();
            await RawCalendar.DisposeAsync();
        }
    }
}
