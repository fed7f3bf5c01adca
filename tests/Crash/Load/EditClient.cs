using System.Text.Json;
using System.Text.Json.Nodes;
using Crash.Ledger;

namespace Crash.Load;

/// <summary>Loads the user's calendar and changes it, as the one who loaded it: saves, patches, and applies runs.</summary>
internal sealed class EditClient(Crowd crowd, Random random, string user)
{
    private const int MostEntries = 60;

    private readonly CalendarKey _calendar = new(user, CalendarOf(user));

    public static string CalendarOf(string user) => "edits-" + user;

    public static async Task CreateAsync(Crowd crowd, Random random, string user)
    {
        var marker = crowd.Marker("w");
        var entries = Enumerable.Range(0, 5).Select(n => new
        {
            entryId = "hand-" + n, scheduledAt = "2030-03-01T09:00:00Z", channels = new[] { "x" }, text = marker,
        }).ToArray();
        var reply = await crowd.Wire.SendAsync(
            crowd.Any(random), "save", HttpMethod.Put, "/api/calendar/" + CalendarOf(user), user,
            JsonSerializer.Serialize(new { title = marker, timezone = "Europe/Berlin", entries }), ("If-None-Match", "*"));
        if (!reply.IsAcknowledged)
            throw new InvalidOperationException($"a calendar could not be created before any fault: {reply}");
        crowd.Ledgers.Edits.Note(new(
            new(user, CalendarOf(user)), marker, 0,
            [new(FieldWrite.Title, marker), .. entries.Select(entry => FieldWrite.Text(entry.entryId, marker))], reply));
    }

    public async Task StepAsync()
    {
        var load = await crowd.Wire.SendAsync(crowd.Any(random), "load", HttpMethod.Get, "/api/calendar/" + _calendar.CalendarId, user);
        if (load.What.StartsWith('4'))
            crowd.Ledgers.Surprise($"an acknowledged calendar cannot be loaded: {load}");
        if (!load.IsAcknowledged || load.Version is null)
        {
            await Crowd.PauseAsync(random);
            return;
        }

        crowd.Ledgers.Edits.Saw(_calendar, load);
        if (random.Next(3) > 0)
            await Crowd.PauseAsync(random); // Long enough for another client to be faster.
        if (random.Next(4) == 0 && crowd.RunsOf(user).TryDequeue(out var runId))
            await ApplyAsync(load, runId);
        else if (random.Next(100) < 60)
            await PatchAsync(load);
        else
            await SaveAsync(load);
    }

    private async Task PatchAsync(Reply load)
    {
        var entries = load.Body.GetProperty("entries");
        if (entries.GetArrayLength() == 0)
            return;
        var entryId = entries[random.Next(entries.GetArrayLength())].GetProperty("entryId").GetString()!;
        var marker = crowd.Marker("w");
        var reply = await SendAsync(
            "patch", HttpMethod.Patch, $"/api/calendar/{_calendar.CalendarId}/entries/{entryId}",
            JsonSerializer.Serialize(new { text = marker }), load);
        Note(marker, load, [FieldWrite.Text(entryId, marker)], reply);
        if (reply.IsAcknowledged && reply.Body.GetProperty("text").GetString() != marker)
            crowd.Ledgers.Surprise($"a patch was answered without its change: {reply}");
    }

    private async Task SaveAsync(Reply load)
    {
        var marker = crowd.Marker("w");
        var calendar = JsonNode.Parse(load.Body.GetRawText())!.AsObject();
        var entries = calendar["entries"]!.AsArray();
        var fields = new List<FieldWrite> { new(FieldWrite.Title, marker) };
        calendar["title"] = marker;
        if (entries.Count > 3 && (entries.Count > MostEntries || random.Next(8) == 0))
        {
            var gone = entries[random.Next(entries.Count)]!;
            fields.Add(FieldWrite.Text((string)gone["entryId"]!, null));
            entries.Remove(gone);
        }

        if (entries.Count > 0)
        {
            var changed = entries[random.Next(entries.Count)]!;
            changed["text"] = marker;
            fields.Add(FieldWrite.Text((string)changed["entryId"]!, marker));
        }

        if (random.Next(5) == 0)
        {
            entries.Add(JsonSerializer.SerializeToNode(
                new { entryId = marker, scheduledAt = "2030-04-01T09:00:00Z", channels = new[] { "x" }, text = marker }));
            fields.Add(FieldWrite.Text(marker, marker));
        }

        var reply = await SendAsync("save", HttpMethod.Put, "/api/calendar/" + _calendar.CalendarId, calendar.ToJsonString(), load);
        Note(marker, load, fields, reply);
        if (reply.IsAcknowledged)
            crowd.Ledgers.Edits.Saw(_calendar, reply);
    }

    private async Task ApplyAsync(Reply load, string runId)
    {
        var reply = await SendAsync(
            "apply", HttpMethod.Post, $"/api/calendar/{_calendar.CalendarId}/apply", JsonSerializer.Serialize(new { runId }), load);
        Note("apply of " + runId, load, [], reply);
        if (reply.IsAcknowledged)
            crowd.Ledgers.Edits.Saw(_calendar, reply);
        else if (reply.What.StartsWith("404", StringComparison.Ordinal))
            crowd.Ledgers.Surprise($"a run that was done cannot be applied: {reply}");
        else
            crowd.RunsOf(user).Enqueue(runId); // Twice changes nothing.
    }

    private Task<Reply> SendAsync(string kind, HttpMethod method, string path, string body, Reply load) =>
        crowd.Wire.SendAsync(crowd.Any(random), kind, method, path, user, body, ("If-Match", load.ETag!));

    private void Note(string marker, Reply load, IReadOnlyList<FieldWrite> fields, Reply reply) =>
        crowd.Ledgers.Edits.Note(new(_calendar, marker, load.Version!.Value, fields, reply));
}
