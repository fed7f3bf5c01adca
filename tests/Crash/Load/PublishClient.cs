using System.Globalization;
using System.Text.Json;
using Crash.Ledger;

namespace Crash.Load;

/// <summary>
/// Publishes three entries at a time, each once as a wish: with a key, repeated until it is answered; or without, where a second try is a
/// second publish.
/// </summary>
internal sealed class PublishClient(Crowd crowd, Random random, string user, int number)
{
    private const int Entries = 60;
    private const int AtOnce = 3;
    private const int MostAttempts = 6;

    private string? _calendar;
    private int _next;
    private int _calendars;

    public async Task StepAsync()
    {
        if (!await HasEntriesAsync())
        {
            await Crowd.PauseAsync(random);
            return;
        }

        string[] entries = [.. Enumerable.Range(_next, AtOnce).Select(EntryId)];
        _next += AtOnce;
        var key = random.Next(100) < 60 ? crowd.Marker("key") : null;
        var body = JsonSerializer.Serialize(new { calendarId = _calendar, entryIds = entries, dryRun = true });
        await UntilAnsweredAsync(Open(_calendar!, entries, key), body);
        if (key is not null && random.Next(100) < 8)
            await MisuseAsync(entries, key);
    }

    /// <summary>Publishes a calendar that a run made, whole.</summary>
    public async Task PublishRunAsync(Generation generation, SeenRun run)
    {
        var posts = run.Events.Values.Where(seen => seen.Type == "entry")
            .SelectMany(seen => GenerationClient.Channels.Select(channel => new Post(seen.EntryId, channel))).ToList();
        var publish = crowd.Ledgers.Publishes.Open(user, generation.CalendarId, crowd.Marker("key"), run.RunId, posts);
        await UntilAnsweredAsync(
            publish, JsonSerializer.Serialize(new { calendarId = generation.CalendarId, runId = run.RunId, dryRun = true }));
    }

    private async Task UntilAnsweredAsync(Publish publish, string body)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            // With a key, two at once must be one.
            var copies = publish.Key is not null && random.Next(100) < 10 ? 2 : 1;
            var replies = await Task.WhenAll(Enumerable.Range(0, copies).Select(_ => SendAsync(publish, body)));
            if (replies.Any(reply => reply.IsAcknowledged) || replies.All(reply => reply.What.StartsWith('4')))
                break;
            if (publish.Key is null && replies[0].Fate == Fate.Unclear && random.Next(2) == 0)
                return; // Gives up, and will never know.
            await Crowd.PauseAsync(random);
        }

        if (publish.Key is not null && random.Next(100) < 15)
            await SendAsync(publish, body);
    }

    /// <summary>
    /// The same key for something else, which is refused where that is known; where it is not, it must not take the first one's place.
    /// </summary>
    private Task<Reply> MisuseAsync(string[] entries, string key)
    {
        var other = _calendar + "-b";
        return SendAsync(
            Open(other, entries, key), JsonSerializer.Serialize(new { calendarId = other, entryIds = entries, dryRun = true }));
    }

    private async Task<Reply> SendAsync(Publish publish, string body)
    {
        var reply = await crowd.Wire.SendAsync(
            crowd.Any(random), "publish", HttpMethod.Post, "/api/publish", user, body,
            publish.Key is null ? [] : [("Idempotency-Key", publish.Key)]);
        publish.Note(reply);
        if (reply.What.StartsWith('4') && reply.What is not ("422 idempotency-key-reused" or "409 run-partial"))
            crowd.Ledgers.Surprise($"an acknowledged calendar cannot be published: {publish}");
        return reply;
    }

    private Publish Open(string calendar, string[] entries, string? key) => crowd.Ledgers.Publishes.Open(
        user, calendar, key, null, [.. entries.SelectMany(entryId => ChannelsOf(entryId).Select(channel => new Post(entryId, channel)))]);

    private async Task<bool> HasEntriesAsync()
    {
        if (_calendar is not null && _next + AtOnce <= Entries)
            return true;
        var calendar = string.Create(CultureInfo.InvariantCulture, $"posts-{number}-{++_calendars}");
        (_calendar, _next) = await CreateAsync(calendar) && await CreateAsync(calendar + "-b") ? (calendar, 0) : (null, 0);
        return _calendar is not null;
    }

    private async Task<bool> CreateAsync(string calendar)
    {
        var marker = crowd.Marker("w");
        var body = JsonSerializer.Serialize(new
        {
            title = marker,
            timezone = "Europe/Berlin",
            entries = Enumerable.Range(0, Entries).Select(n => new
            {
                entryId = EntryId(n), scheduledAt = "2030-06-01T09:00:00Z", channels = ChannelsOf(EntryId(n)), text = "Fresh beans",
            }),
        });
        var reply = await crowd.Wire.SendAsync(
            crowd.Any(random), "save", HttpMethod.Put, "/api/calendar/" + calendar, user, body, ("If-None-Match", "*"));
        crowd.Ledgers.Edits.Note(new(new(user, calendar), marker, 0, [new(FieldWrite.Title, marker)], reply));
        return reply.IsAcknowledged;
    }

    private static string EntryId(int n) => string.Create(CultureInfo.InvariantCulture, $"e-{n:D2}");

    // Instagram takes no post without media, so that every fifth entry makes a publish a partial one.
    private static string[] ChannelsOf(string entryId) => entryId[^1] is '0' or '5' ? ["instagram", "linkedin"] : ["x", "linkedin"];
}
