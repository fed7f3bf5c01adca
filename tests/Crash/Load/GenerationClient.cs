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
        var generation = new Generation(
            user, crowd.Marker("run"), brief, isNew ? crowd.Marker("made") : EditClient.CalendarOf(user), isNew);
        crowd.Ledgers.Runs.Note(generation);
        var body = JsonSerializer.Serialize(new
        {
            calendarId = generation.CalendarId, brief,
                startDate = string.Create(CultureInfo.InvariantCulture, $"2030-03-{1 + (random.Next(3) * 4):D2}"),
            days = Days, postsPerDay = PostsPerDay, channels = Channels, timezone = "Europe/Berlin",
        });
        var isOver = false;
        for (var view = 0; view < MostViews && !isOver; view++)
        {
            isOver = await ViewAsync(generation, body);
            if (!isOver)
                await Crowd.PauseAsync(random);
        }

        if (generation.Runs is not [{ IsComplete: true, IsPromised: true } run])
            return;
        if (!isNew)
            crowd.RunsOf(user).Enqueue(run.RunId);
        else if (random.Next(100) < 70)
            await publishing.PublishRunAsync(generation, run);
    }

    /// <summary>One look at the stream: begun, begun again with the same key, or resumed.</summary>
    /// <returns>Whether there is nothing more to come.</returns>
    private async Task<bool> ViewAsync(Generation generation, string body)
    {
        var run = generation.Runs.LastOrDefault();
        // Once in a while a client comes back that remembers its key, but nothing of the stream; one without a promise may have to.
        if (run is null || random.Next(run.IsPromised ? 10 : 2) == 0)
        {
            var (begun, opened) = await crowd.Wire.OpenAsync(
                crowd.Any(random), "generate", HttpMethod.Post, "/api/calendar/generate", generation.User, body,
                ("Idempotency-Key", generation.Key));
            generation.Starts.Add(begun);
            if (begun.What.StartsWith('4'))
                generation.Faults.Add($"refused: {begun}");
            return opened is not null && await ReadAsync(generation, null, opened, begun);
        }

        generation.Resumed++;
        var (reply, stream) = await crowd.Wire.OpenAsync(
            crowd.Any(random), "resume", HttpMethod.Get, $"/api/calendar/runs/{run.RunId}/stream", generation.User, null,
            ("Last-Event-ID", run.Events.Keys.LastOrDefault().ToString(CultureInfo.InvariantCulture)));
        if (reply.What.StartsWith('4') && run.IsPromised)
            generation.Faults.Add($"refused: {reply}");
        if (reply.What == "204" && run.IsPromised)
            generation.Faults.Add($"nothing left to send after event {run.Events.Keys.Last()}, and no done: {reply}");
        return reply.What == "204" || (stream is not null && await ReadAsync(generation, run, stream, reply));
    }

    private async Task<bool> ReadAsync(Generation generation, SeenRun? run, HttpResponseMessage stream, Reply reply)
    {
        var (last, read, leaveAfter) = (
            run?.Events.Keys.LastOrDefault() ?? 0, 0, random.Next(2) == 0 ? random.Next(1, Entries) : int.MaxValue);
        using var patience = new CancellationTokenSource();
        try
        {
            using (stream)
            {
                patience.CancelAfter(Silence);
                var events = SseParser.Create(await stream.Content.ReadAsStreamAsync(patience.Token)).EnumerateAsync(patience.Token);
                await foreach (var item in events)
                {
                    patience.CancelAfter(Silence);
                    var data = JsonDocument.Parse(item.Data).RootElement;
                    if (item.EventType == "meta")
                        run = generation.Follow(data.GetProperty("runId").GetString()!);
                    Take(generation, run!, data, item.EventType, ref last, reply);
                    if (++read >= leaveAfter && item.EventType != "done")
                        break; // Otherwise to the end of the stream, to see that nothing comes after its done.
                }
            }
        }
        catch (Exception cut) when (Wire.IsFailure(cut))
        {
            // The replica died, froze or said nothing for too long: come back.
        }

        return run is { IsDone: true };
    }

    private static void Take(Generation generation, SeenRun run, JsonElement data, string type, ref long last, Reply reply)
    {
        var seq = data.GetProperty("seq").GetInt64();
        if (seq != last + 1)
            generation.Faults.Add($"event {seq} after event {last} of {run.RunId} in {reply}");
        if (run.Events.TryGetValue(last, out var before) && before.Type == "done")
            generation.Faults.Add($"event {seq} after the done of {run.RunId} in {reply}");
        last = seq;
        var seen = new SeenEvent(type, type switch
        {
            "entry" => data.GetProperty("entry").GetProperty("entryId").GetString()!,
            "done" => data.GetProperty("finishReason").GetString()!,
            _ => "",
        });
        if (type == "warning" && data.GetProperty("code").GetString() == NotSavedYet)
            run.WasWarned = true;
        if (data.TryGetProperty("saved", out var saved) && !saved.GetBoolean())
            run.Unsaved.Add(seq);
        else
            run.Unsaved.Remove(seq);
        // Of what was warned of, a part may have been saved, and the run have ended otherwise.
        if (!run.Events.TryAdd(seq, seen) && run.Events[seq] != seen && !run.WasWarned)
            generation.Faults.Add($"event {seq} was {run.Events[seq]}, and is {seen} of {run.RunId} in {reply}");
    }
}
