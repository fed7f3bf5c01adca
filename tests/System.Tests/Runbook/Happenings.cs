using Harness;

namespace SystemTests.Runbook;

/// <summary>What befalls the system between two paragraphs of a document, by the name that the document gives it.</summary>
internal sealed class Happenings
{
    private static readonly string[] Tables = ["calendars", "runs", "run_events", "entries", "publish_intents", "idempotency_keys"];

    private readonly DocumentSystem _system;
    private readonly Dictionary<string, Func<Task>> _all;
    private string _stored = "";

    public Happenings(DocumentSystem system)
    {
        _system = system;
        _all = new(StringComparer.Ordinal)
        {
            ["remember everything that is stored"] = async () => _stored = await StoredAsync(),
            ["everything that was stored is there"] = async () => Assert.Equal(_stored, await StoredAsync()),
            ["the database goes away"] = system.Postgres.StopAsync,
            ["the database comes back"] = system.Postgres.StartAsync,
            ["the AI falls silent after one post"] = () => AiAsync(AiReply.Posts("The first post of two.").Stalls()),
            ["the AI goes away"] = () => AiAsync(AiReply.Nothing().Resets()),
            ["the AI answers again"] = () => AiAsync(Posts()),
            ["linkedin loses its token"] = () =>
                RunAsync("echo 'Channels__linkedin__AccessToken=' >> calendar.env; deploy/restart calendar"),
            ["an entry becomes too long for x"] = () => EditAsync(new string('a', 300)),
            ["the service dies"] = () => RunAsync("kill -KILL \"$(cat calendar.pid)\""),
            ["legacy goes away"] = system.Legacy.StopAsync,
            ["legacy comes back"] = system.Legacy.StartAsync,
            ["somebody saves a percentage of 120"] = () => RunAsync(
                "sed -i 's/\"DefaultRolloutPercentage\": [0-9]*/\"DefaultRolloutPercentage\": 120/' config/rollout.json"),
            ["the disk fills up"] = () => LimitAsync("1"),
            ["the disk has room again"] = () => LimitAsync("unlimited"),
        };
    }

    /// <exception cref="KeyNotFoundException">The document names something that never happens.</exception>
    public Task PerformAsync(string name) => _all.TryGetValue(name, out var happen)
        ? happen()
        : throw new KeyNotFoundException($"nothing happens by the name \"{name}\"; known are: {string.Join("; ", _all.Keys)}");

    /// <summary>What the AI answers while nothing is wrong with it.</summary>
    public static AiReply Posts() => AiReply.Posts("The first post of two.", "The second post of two.").Finishes();

    // The reply of before answers all that follow until the next one is taken: one call each.
    private Task AiAsync(AiReply reply)
    {
        _system.Ai.Replies(reply);
        return Task.CompletedTask;
    }

    private async Task EditAsync(string text) => await RunAsync($$"""
        version=$(curl -si http://127.0.0.1:8081/api/calendar/spring -H 'X-User-Id: alice' | tr -d '\r' | sed -n 's/^ETag: //p')
        curl -sf -X PATCH http://127.0.0.1:8081/api/calendar/spring/entries/2099-03-02-1 -H 'X-User-Id: alice' \
          -H "If-Match: $version" -H 'Content-Type: application/json' -d '{"text":"{{text}}"}'
        """);

    /// <summary>No file of the service may grow beyond so many bytes.</summary>
    private Task LimitAsync(string bytes) => RunAsync($"prlimit --pid \"$(cat calendar.pid)\" --fsize={bytes}:unlimited");

    private async Task RunAsync(string script)
    {
        var (code, printed) = await _system.BashAsync(script);
        Assert.True(code == 0, printed);
    }

    /// <summary>Every row of every table.</summary>
    private async Task<string> StoredAsync()
    {
        var all = "";
        foreach (var table in Tables)
        {
            var (code, rows) = await _system.BashAsync(
                $"psql \"$DATABASE_URL\" -Atc 'select row_to_json(t) from {table} t order by 1::text'");
            Assert.True(code == 0 && rows.Length > 0, $"{table}: {rows}");
            all += $"{table}\n{rows}";
        }

        return all;
    }
}
