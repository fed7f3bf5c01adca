using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Crash.Ledger;

namespace Crash.Load;

/// <summary>Generates, leaves in mid-stream, comes back where it was, at whatever replica, until it is done.</summary>
internal sealed class GenerationClient(Crowd crowd, Random random, string user, PublishClient publishing)
{
    private const int Days = 5;
    private const int PostsPerDay = 2;
    private const int MostViews = 40;

    private const string NotSavedYet = "not-saved-yet";

    public const int Entries = Days * PostsPerDay;

    public static readonly string[] Channels = ["x", "linkedin"];

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    public async Task StepAsync()
    {
        var isNew = random.Next(100) < 60;
        var brief = crowd.Marker("Coffee roastery winter campaign");
        var generation = new Generation(user, crowd.Marker("run"), brief, isNew ? crowd.Marker("made") : EditClient.CalendarOf(user), isNew);
        crowd.Ledgers.Runs.Note(generation);
        var body = JsonSerializer.Serialize(new
        {
            calendarId = generation.CalendarId, brief, startDate = string.Create(CultureInfo.InvariantCulture, $"2030-03-{1 + (random.Next(3) * 4):D2}"),
            days = Days, postsPerDay = PostsPerDay, channels = Channels, timezone = "Europe/Berlin",
        });
        for (var view = 0; view < MostViews && generation.Done is null; view++)
        {
            if (!await ViewAsync(generation, body))
                await Crowd.PauseAsync(random);
        }

        if (!generation.IsComplete || generation.RunIds.Count != 1 || generation.WasWarned)
            return;
        if (!isNew)
            crowd.RunsOf(user).Enqueue(generation.RunIds.Single());
        else if (random.Next(100) < 70)
            await publishing.PublishRunAsync(generation, generation.RunIds.Single());
    }

    /// <summary>One look at the stream: begun, begun again with the same key, or resumed.</summary>
    /// <returns>Whether it moved on.</returns>
    private async Task<bool> ViewAsync(Generation generation, string body)
    {
        // Once in a while a client comes back that remembers its key, but nothing of the stream; and one that was warned may have to.
        var resume = generation.RunIds.Count > 0 && random.Next(generation.WasWarned ? 2 : 10) > 0;
        var last = resume ? generation.Events.Keys.LastOrDefault() : 0;
        var (reply, stream) = resume
            ? await crowd.Wire.OpenAsync(
                crowd.Any(random), "resume", HttpMethod.Get, $"/api/calendar/runs/{generation.RunIds.Last()}/stream", generation.User, null,
                ("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture)))
            : await crowd.Wire.OpenAsync(
                crowd.Any(random), "generate", HttpMethod.Post, "/api/calendar/generate", generation.User, body, ("Idempotency-Key", generation.Key));
        if (!resume)
            generation.Starts.Add(reply);
        else
            generation.Resumed++;
        if (reply.What.StartsWith('4') && !generation.WasWarned)
            generation.Faults.Add($"refused: {reply}");
        if (reply.What == "204")
            generation.Faults.Add($"nothing left to send after event {last}, and no done: {reply}");
        if (stream is null)
            return false;
        using (stream)
            return await ReadAsync(generation, stream, reply, last);
    }

    private async Task<bool> ReadAsync(Generation generation, HttpResponseMessage stream, Reply reply, long last)
    {
        var (first, leaveAfter) = (last, random.Next(2) == 0 ? random.Next(1, Entries) : int.MaxValue);
        using var patience = new CancellationTokenSource();
        try
        {
            patience.CancelAfter(Silence);
            var events = SseParser.Create(await stream.Content.ReadAsStreamAsync(patience.Token)).EnumerateAsync(patience.Token);
            await foreach (var item in events)
            {
                patience.CancelAfter(Silence);
                if (generation.Events.Values.LastOrDefault()?.Type == "done" && last >= generation.Events.Keys.Last())
                    generation.Faults.Add($"something after done: {item.EventType} in {reply}");
                Take(generation, JsonDocument.Parse(item.Data).RootElement, item.EventType, ref last, reply);
                if (last - first >= leaveAfter)
                    break;
            }
        }
        catch (Exception cut) when (Wire.IsFailure(cut))
        {
            // The replica died, froze or said nothing for too long: come back.
        }

        return last > first;
    }

    private static void Take(Generation generation, JsonElement data, string type, ref long last, Reply reply)
    {
        var seq = data.GetProperty("seq").GetInt64();
        if (seq != last + 1)
            generation.Faults.Add($"event {seq} after event {last} in {reply}");
        last = seq;
        var seen = new SeenEvent(type, type switch
        {
            "entry" => data.GetProperty("entry").GetProperty("entryId").GetString()!,
            "done" => data.GetProperty("finishReason").GetString()!,
            _ => "",
        });
        if (type == "meta" && data.GetProperty("runId").GetString() is { } runId && !generation.RunIds.Contains(runId))
        {
            generation.RunIds.Add(runId);
            if (generation.WasWarned)
                generation.Events.Clear(); // The one it had is gone with its replica, as it was told; this is another.
        }

        if (type == "warning" && data.GetProperty("code").GetString() == NotSavedYet)
            generation.WasWarned = true;
        if (!generation.Events.TryAdd(seq, seen) && generation.Events[seq] != seen)
            generation.Faults.Add($"event {seq} was {generation.Events[seq]}, and is {seen} in {reply}");
    }
}
