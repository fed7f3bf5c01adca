using System.Net;
using Gateway.Tests.Wire;

// WirePeers LEGACY_PORT CALENDAR_PORT NAME=PORT...: sends the corpus to each server and prints, as a Markdown table, the cases in
// which they do not all do the same. The servers forward /api/calendar/ to one port and everything else to the other.
await using var legacy = new RawUpstream(int.Parse(args[0], null));
await using var calendar = new RawUpstream(int.Parse(args[1], null));
var peers = args[2..].Select(a => a.Split('='))
    .Select(a => (Name: a[0], EndPoint: new IPEndPoint(IPAddress.Loopback, int.Parse(a[1], null)))).ToArray();
var patience = TimeSpan.FromSeconds(2);

foreach (var peer in peers)
    await ReadyAsync(peer.EndPoint);

var table = new List<(string Case, string[] Outcomes)>();
foreach (var wire in WireCorpus.All)
{
    var outcomes = new List<string>();
    foreach (var peer in peers)
        outcomes.Add(await OutcomeAsync(peer.EndPoint, wire));
    table.Add((wire.Name, [.. outcomes]));
}

var differing = table.Where(row => row.Outcomes.Distinct(StringComparer.Ordinal).Count() > 1).ToArray();
await Console.Out.WriteLineAsync($"{table.Count} cases, {differing.Length} of them not alike\n");
await Console.Out.WriteLineAsync(
    $"| case | {string.Join(" | ", peers.Select(p => p.Name))} |\n|{string.Concat(Enumerable.Repeat(" --- |", peers.Length + 1))}");
foreach (var (name, outcomes) in differing)
    await Console.Out.WriteLineAsync(
        $"| {name} | {string.Join(" | ", outcomes.Select(o => o.Replace("|", "\\|", StringComparison.Ordinal)))} |");

async Task<string> OutcomeAsync(IPEndPoint server, WireCase wire)
{
    legacy.Forget();
    calendar.Forget();
    string answer;
    try
    {
        answer = await WireClient.TalkAsync(server, wire, patience);
    }
    catch (OperationCanceledException)
    {
        answer = "";
    }

    var seen = legacy.Requests.Select(r => (Backend: "legacy", Request: r))
        .Concat(calendar.Requests.Select(r => (Backend: "calendar", Request: r)))
        .Where(s => s.Request.Line != "GET " + WireClient.SentinelPath)
        .Select(s => Short($"{s.Backend} {s.Request.Line}") + (s.Request.Body.Length > 0 ? $" body {s.Request.Body.Length}" : ""))
        .ToArray();
    if (seen.Length > 0)
        return string.Join(" + ", seen);
    return WireClient.StatusOf(answer) is { } status ? Family(status) : "closed";
}

// 400, 414 and 431 are one answer in different words; an answer of its own such as a redirect is not.
static string Family(int status) => status is >= 400 and < 500 || status == 505 || status == 501 ? "refused" : $"answered {status}";

static string Short(string text)
{
    var safe = string.Concat(text.Select(c => c is < ' ' or > '~' ? $"\\x{(int)c:x2}" : c.ToString()));
    return safe.Length > 60 ? safe[..60] + "…" : safe;
}

static async Task ReadyAsync(IPEndPoint server)
{
    for (var tries = 0; ; tries++)
    {
        var answer = "";
        try
        {
            answer = await WireClient.TalkAsync(server, WireCase.Refused("", WireCase.Get("/")), TimeSpan.FromSeconds(1));
        }
        catch (Exception error) when (error is OperationCanceledException or System.Net.Sockets.SocketException)
        {
            // Not yet.
        }

        if (WireClient.StatusOf(answer) == 200)
            return;
        if (tries == 100)
            throw new TimeoutException($"{server} does not answer");
        await Task.Delay(100);
    }
}
