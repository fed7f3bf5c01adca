using System.Collections.Frozen;

namespace Faults.Tests;

/// <summary>Where in the answer a fault strikes.</summary>
public enum FaultPoint
{
    BeforeHeaders,
    InHeaders,

    /// <summary>After the client has got the beginning of the body; in an event stream, in the middle of a frame.</summary>
    InBody,
}

/// <summary>One request of the table: a route of the shipped configuration and a method.</summary>
/// <param name="Cluster">Where the fault is put: the route's own cluster.</param>
internal sealed record FaultRequest(string Route, string Method, string Path, string Cluster, string? Body)
{
    public const string User = "ada";

    public static readonly FrozenDictionary<string, FaultRequest> All = new FaultRequest[]
    {
        new("generate", "POST", "/api/calendar/generate", "calendar",
            """{"brief":"Spring","startDate":"2027-03-26","days":1,"postsPerDay":1,"channels":["x"],"timezone":"UTC"}"""),
        new("calendar", "GET", "/api/calendar/c1", "calendar", null),
        new("calendar", "PUT", "/api/calendar/c1", "calendar", """{"title":"Spring"}"""),
        new("calendar", "POST", "/api/calendar/c1/apply", "calendar", """{"runId":"r1"}"""),
        new("calendar", "PATCH", "/api/calendar/c1/entries/e1", "calendar", """{"text":"Hello"}"""),
        new("export", "GET", "/api/calendar/c1/export", "calendar", null),
        new("publish", "POST", "/api/publish", "calendar", """{"calendarId":"c1","entryIds":["e1"],"dryRun":true}"""),
        new("publish", "GET", "/api/publish/intents", "calendar", null),
        new("legacy", "GET", "/pages/1", "legacy", null),
        new("legacy", "POST", "/orders", "legacy", """{"order":1}"""),
        new("legacy", "PUT", "/files/1", "legacy", new string('x', 300_000)),
    }.ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);

    public string Name => $"{Route} {Method}";

    public bool IsStream => Route == "generate";
}

/// <summary>One cell of the table.</summary>
/// <param name="Upstream"><c>h1</c> or <c>h2c</c>.</param>
internal sealed record FaultCell(FaultRequest Request, FaultKind Kind, FaultPoint Point, string Upstream)
{
    public static readonly string[] Upstreams = ["h1", "h2c"];

    /// <summary>Every fault × every route × every point; what happens before a connection exists has one point only.</summary>
    public static IEnumerable<FaultCell> All(string upstream) =>
        from request in FaultRequest.All.Values.OrderBy(r => Array.IndexOf(Order, r.Route)).ThenBy(r => r.Method, StringComparer.Ordinal)
        from kind in Enum.GetValues<FaultKind>()
        from point in Enum.GetValues<FaultPoint>()
        where point == FaultPoint.BeforeHeaders || kind is not (FaultKind.None or FaultKind.Refuse or FaultKind.NotAccept or FaultKind.EarlyAnswer)
        where kind != FaultKind.EarlyAnswer || (upstream == "h1" && request.Body is not null)
        select new FaultCell(request, kind, point, upstream);

    private static readonly string[] Order = ["generate", "calendar", "export", "publish", "legacy"];

    public bool WaitsForATimeout => Kind is FaultKind.BlackHole or FaultKind.NotAccept;

    public Fault Fault => Point switch
    {
        FaultPoint.BeforeHeaders => new(Kind),
        // In the status line or in the middle of a HEADERS frame.
        FaultPoint.InHeaders => new(Kind, Skip: 11),
        _ => new(Kind, Skip: 5, AtHead: false),
    };

    public string Where => Kind is FaultKind.None or FaultKind.Refuse or FaultKind.NotAccept or FaultKind.EarlyAnswer ? "-" : Point switch
    {
        FaultPoint.BeforeHeaders => "before headers",
        FaultPoint.InHeaders => "in headers",
        _ => "in body",
    };

    public string Word => Kind switch
    {
        FaultKind.None => "none",
        FaultKind.Refuse => "refuse",
        FaultKind.NotAccept => "never accept",
        FaultKind.BlackHole => "black hole",
        FaultKind.Delay => "delay",
        FaultKind.Throttle => "throttle",
        FaultKind.Slice => "single bytes",
        FaultKind.Reset => "reset",
        FaultKind.Truncate => "truncate",
        FaultKind.EarlyAnswer => "early answer",
        _ => "garbage",
    };
}

/// <summary>What one cell came to, in the words of the table.</summary>
/// <param name="Saw">The client's view: status, and how the body ended.</param>
/// <param name="Log">The completion line's status, and the proxy's warning if there is one.</param>
/// <param name="Metrics">The counters that rose, beside <c>gateway_requests_total</c>.</param>
/// <param name="Sent">Requests that calendar and legacy received.</param>
internal sealed record FaultOutcome(
    string Saw, string ServedBy, string Reason, string ProxyStatus, string Log, string Metrics, string Sent);
