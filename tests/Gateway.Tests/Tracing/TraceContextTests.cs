using System.Diagnostics;
using ServiceDefaults.Tracing;

namespace Gateway.Tests.Tracing;

/// <summary>
/// W3C Trace Context as its own test-suite asks for it: what is continued, and what begins anew.
/// Holds docs/contract.md section 2: what the gateway adds to a request.
/// </summary>
public sealed class TraceContextTests
{
    private const string Trace = "12345678901234567890123456789012";
    private const string Span = "1234567890123456";
    private const string Legal = $"00-{Trace}-{Span}-01";

    private static readonly string Long241 = "t" + new string('a', 240);
    private static readonly string Long242 = "t" + new string('a', 241);

    [Theory]
    [InlineData(Legal, Legal)]
    [InlineData($" {Legal}\t", Legal)]
    [InlineData($"00-{Trace}-{Span}-00", $"00-{Trace}-{Span}-00")]
    [InlineData($"cc-{Trace}-{Span}-01", Legal)]
    [InlineData($"cc-{Trace}-{Span}-01-what-the-future-will-be-like", Legal)]
    [InlineData($"cc-{Trace}-{Span}-fe", $"00-{Trace}-{Span}-00")]
    [InlineData($"01-{Trace}-{Span}-03", Legal)]
    [InlineData($"cc-{Trace}-{Span}-01.what", null)]
    [InlineData($"00-{Trace}-{Span}-01-what", null)]
    [InlineData($"00-{Trace}-{Span}-01.", null)]
    [InlineData($"ff-{Trace}-{Span}-01", null)]
    [InlineData($".0-{Trace}-{Span}-01", null)]
    [InlineData($"000-{Trace}-{Span}-01", null)]
    [InlineData($"0-{Trace}-{Span}-01", null)]
    [InlineData($"00-00000000000000000000000000000000-{Span}-01", null)]
    [InlineData($"00-.2345678901234567890123456789012-{Span}-01", null)]
    [InlineData($"00-ABCDEF78901234567890123456789012-{Span}-01", null)]
    [InlineData($"00-{Trace}3-{Span}-01", null)]
    [InlineData($"00-{Trace}-0000000000000000-01", null)]
    [InlineData($"00-{Trace}-.234567890123456-01", null)]
    [InlineData($"00-{Trace}-{Span}-.0", null)]
    [InlineData($"00-{Trace}-{Span}-1", null)]
    [InlineData($"00-{Trace}-{Span}-001", null)]
    [InlineData($"{Legal},{Legal}", null)]
    [InlineData("", null)]
    public void TraceParent_IsContinuedOrNot(string header, string? continued) => Assert.Equal(continued, Read(header, null).Parent);

    public static TheoryData<string, string?> States() => new()
    {
        { "foo=1", "foo=1" },
        { "foo=1,bar=2", "foo=1,bar=2" },
        { "foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3" },
        { "foo=1,,bar=2", "foo=1,bar=2" },
        { "", null },
        { "foo@=1,bar=2", null },
        { "@foo=1,bar=2", null },
        { "foo@@bar=1", null },
        { "foo@bar@baz=1", null },
        { "foo =1", null },
        { "FOO=1", null },
        { "foo.bar=1", null },
        { "foo=bar=baz", null },
        { "foo=,bar=3", null },
        { "foo", null },
        { "foo=\u00fc", null },
        { "0n@fw=1", "0n@fw=1" },
        { "a_-*/0@v_-*/0=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~", "a_-*/0@v_-*/0=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~" },
        { $"{Long241}@v=1", $"{Long241}@v=1" },
        { $"{Long242}@v=1", null },
        { $"t@{new string('v', 14)}=1", $"t@{new string('v', 14)}=1" },
        { $"t@{new string('v', 15)}=1", null },
        { new string('z', 256) + "=1", new string('z', 256) + "=1" },
        { new string('z', 257) + "=1", null },
        { "z=" + new string('y', 256), "z=" + new string('y', 256) },
        { "z=" + new string('y', 257), null },
        { Members(32), Members(32) },
        { Members(33), null },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void TraceState_IsKeptOrLeftBehind(string header, string? kept) => Assert.Equal(kept, Read(Legal, header).State);

    [Fact]
    public void TraceState_WithoutATraceParentOfItsOwn_IsLeftBehind()
    {
        Assert.Equal((null, null), Read(null, "foo=1"));
        Assert.Equal((null, null), Read("nonsense", "foo=1"));
    }

    [Fact]
    public void Injection_WritesTheSpanAndItsState_AndNoBaggage()
    {
        using var span = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).SetParentId(Legal).SetBaggage("k", "v").Start();
        span.TraceStateString = "foo=1";
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        new TraceContextPropagator(traced: true).Inject(span, headers, (_, name, value) => headers.Add(name, value));
        Assert.Equal([("traceparent", span.Id), ("tracestate", "foo=1")], headers.Select(h => (h.Key, (string?)h.Value)));
        Assert.StartsWith($"00-{Trace}-", span.Id, StringComparison.Ordinal);
    }

    private static (string? Parent, string? State) Read(string? parent, string? state)
    {
        new TraceContextPropagator(traced: true).ExtractTraceIdAndState(
            null,
            (object? _, string name, out string? value, out IEnumerable<string>? values) =>
                (value, values) = (name == "traceparent" ? parent : state, null),
            out var read, out var readState);
        return (read, readState);
    }

    private static string Members(int count) => string.Join(',', Enumerable.Range(1, count).Select(i => $"bar{i}={i}"));
}
