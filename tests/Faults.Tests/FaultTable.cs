using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Faults.Tests;

/// <summary>
/// <c>docs/reference/faults-table.md</c>: the table that people read is the one that the tests are driven by. Set <c>FAULT_TABLE</c> to a
/// file's path to have what really happens written there instead of compared.
/// </summary>
internal static class FaultTable
{
    private const string Head = """
        # Every fault on every route

        The rows behind [what a client sees when a backend breaks](../faults.md), which says the same in ten lines.

        Every fault × every route of `config/gateway.json` × the point where it strikes × HTTP/1.1 and cleartext HTTP/2
        upstream. The fault sits between the gateway and the route's own cluster; the others are well; the user is in the
        canary. Each row is a test: it asserts what the client saw, the headers, the log, every counter that rose and how many
        requests each backend received.

        `whole`: the backend's own answer to its last byte. `cut`: the connection ends visibly before the body does. `done
        <reason>`: an event stream with exactly one terminal frame. Sent: requests received by calendar + legacy. A row without
        `upstream` holds for both.

        A `4` stands where the backend ended a connection without a byte in answer to a GET: the framework's HTTP client sends a
        safe request again by itself, at most three times, and that is what makes a stale pooled connection invisible. One that
        had served others may as well be reset: here each fault strikes a connection of its own. Nothing that is not idempotent
        is ever sent that way (`OnceHandler`).

        `early answer`: the backend answers 413 as soon as the request comes and closes with the body unread. `legacy PUT`
        uploads 300 kB.

        Written by `FAULT_TABLE=$PWD/docs/reference/faults-table.md dotnet test tests/Faults.Tests`; look at the difference
        before committing it.

        """;

    private static readonly ConcurrentDictionary<FaultCell, FaultOutcome> Written = new();
    private static readonly Lock OneWriter = new();
    private static readonly Lazy<Dictionary<(string Request, string Fault, string Where, string Upstream), FaultOutcome>> Rows = new(Read);

    private static string? WritesTo => Environment.GetEnvironmentVariable("FAULT_TABLE");

    public static int Count => Rows.Value.Count;

    /// <summary>What these faults came to on any of these requests.</summary>
    /// <param name="inBody">Where they struck; null for wherever.</param>
    public static IEnumerable<FaultOutcome> Find(string[] requests, string[] faults, bool? inBody) => Rows.Value
        .Where(row => requests.Contains(row.Key.Request) && faults.Contains(row.Key.Fault)
            && inBody != (row.Key.Where != "in body"))
        .Select(row => row.Value);

    public static void Check(FaultCell cell, FaultOutcome outcome)
    {
        if (WritesTo is not { Length: > 0 } path)
        {
            Assert.Equal(Rows.Value[(cell.Request.Name, cell.Word, cell.Where, cell.Upstream)], outcome);
            return;
        }

        Written[cell] = outcome;
        lock (OneWriter)
            File.WriteAllText(path, Compose());
    }

    private static string Compose()
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var request in FaultCell.All("h1").Select(c => c.Request).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {request.Name}\n\n`{request.Method} {request.Path}`\n\n");
            text.Append(
                "| fault | where | upstream | client saw | X-Served-By | X-Route-Reason | Proxy-Status | log | counters | sent |\n");
            text.Append("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
            foreach (var cell in FaultCell.All("h1").Where(c => c.Request == request))
            {
                var (h1, h2c) = (Written.GetValueOrDefault(cell), Written.GetValueOrDefault(cell with { Upstream = "h2c" }));
                if (h1 is not null)
                    Append(text, cell, h1 == h2c ? "" : "h1", h1);
                if (h2c is not null && h1 != h2c)
                    Append(text, cell, "h2c", h2c);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, FaultCell cell, string upstream, FaultOutcome o) => text.Append(
        CultureInfo.InvariantCulture,
        $"| {cell.Word} | {cell.Where} | {upstream} | {o.Saw} | {o.ServedBy} | {o.Reason} | {o.ProxyStatus} | {o.Log} | {o.Metrics} | {o.Sent} |\n");

    private static Dictionary<(string, string, string, string), FaultOutcome> Read()
    {
        var rows = new Dictionary<(string, string, string, string), FaultOutcome>();
        var request = "";
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "faults-table.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                request = line[3..];
            if (!line.StartsWith("| ", StringComparison.Ordinal) || line.StartsWith("| ---", StringComparison.Ordinal)
                || line.StartsWith("| fault", StringComparison.Ordinal))
                continue;
            var c = line.Split('|', StringSplitOptions.TrimEntries)[1..^1];
            foreach (var upstream in c[2].Length > 0 ? [c[2]] : FaultCell.Upstreams)
                rows.Add((request, c[0], c[1], upstream), new(c[3], c[4], c[5], c[6], c[7], c[8], c[9]));
        }

        return rows;
    }
}
