using CalendarService.Runs;
using CalendarService.Storage;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Wire;

namespace CalendarService.Generation;

/// <summary>Sends a run as <c>text/event-stream</c>: what was said, then what is being said, until its <c>done</c>.</summary>
internal sealed class RunStream(
    Database database, RunStore runs, StreamOptions options, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private const int MostPerRead = 200;

    // Well below any sensible Generation:AbandonAfter, well above Stream:PollInterval.
    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(1);

    /// <summary>Headers and first bytes.</summary>
    public static async Task OpenAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = StreamFrameWriter.ContentType;
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(context.RequestAborted);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>The first frames, which are out before the writer is asked.</summary>
    /// <returns>The last sequence number that was sent.</returns>
    public static async Task<long> SendFirstAsync(HttpContext context, LiveRun run)
    {
        var events = run.EventsAfter(0, out _);
        await SendAsync(context, events, run.Saved);
        return events[^1].Seq;
    }

    /// <param name="after">The last sequence number that the client has.</param>
    public async Task FollowAsync(HttpContext context, LiveRun? run, string runId, long after)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            if (run is not null)
                await FollowLiveAsync(context, run, after);
            else
                await FollowStoredAsync(context, runId, after, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The client went away, or this process stops. The run itself goes on or ends without this stream.
        }
    }

    private async Task FollowLiveAsync(HttpContext context, LiveRun run, long after)
    {
        using var listening = run.Listen();
        while (true)
        {
            var ended = run.Ended.IsCompleted; // Before the look: what it says last comes before its end.
            var events = run.EventsAfter(after, out var changed);
            if (await SendAsync(context, events, run.Saved))
                return;
            if (events.Count > 0)
                after = events[^1].Seq;
            else if (ended)
                return; // The client named an id that this run never came to.
            else if (!await HappensAsync(Task.WhenAny(changed, run.Ended), context.RequestAborted))
                await KeepAliveAsync(context);
        }
    }

    // Ended runs, and runs of other processes: their rows are all there is.
    private async Task FollowStoredAsync(HttpContext context, string runId, long after, CancellationToken cancel)
    {
        var lastByte = clock.GetTimestamp();
        long? lastNote = null;
        var ended = false;
        while (true)
        {
            var (events, couldRead) = await ReadAsync(runId, after, cancel);
            if (await SendAsync(context, events, saved: long.MaxValue))
                return;
            if (events.Count > 0)
            {
                (after, lastByte) = (events[^1].Seq, clock.GetTimestamp());
                continue;
            }

            if (ended && couldRead)
                return; // Nothing more comes after the id that the client named.
            if (lastNote is null || clock.GetElapsedTime(lastNote.Value) >= NoteEvery)
            {
                // What it said before it ended may have come after the look above, so there is one more.
                ended = !await NoteListenerAsync(runId, cancel);
                lastNote = clock.GetTimestamp();
                if (ended)
                    continue;
            }

            if (clock.GetElapsedTime(lastByte) >= options.KeepAlive)
            {
                await KeepAliveAsync(context);
                lastByte = clock.GetTimestamp();
            }

            await Task.Delay(options.PollInterval, clock, cancel);
        }
    }

    private async Task<(IReadOnlyList<RunEvent> Events, bool CouldRead)> ReadAsync(string runId, long after, CancellationToken cancel)
    {
        try
        {
            return (await database.ReadAsync(connection => runs.EventsAsync(connection, runId, after, MostPerRead), cancel), true);
        }
        catch (StoreUnavailableException)
        {
            return ([], false); // The stream has begun; it goes on when the database is back.
        }
    }

    /// <returns>Whether it still runs, as far as is known.</returns>
    private async Task<bool> NoteListenerAsync(string runId, CancellationToken cancel)
    {
        try
        {
            return await database.WriteAsync(transaction => runs.NoteListenerAsync(transaction, runId), cancel);
        }
        catch (StoreUnavailableException)
        {
            return true; // Nobody can tell now; it is asked again when the database is back.
        }
    }

    private async Task<bool> HappensAsync(Task changed, CancellationToken cancel)
    {
        try
        {
            await changed.WaitAsync(options.KeepAlive, clock, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <param name="saved">Up to which sequence number the database has them.</param>
    /// <returns>Whether that was the end.</returns>
    private static async Task<bool> SendAsync(HttpContext context, IReadOnlyList<RunEvent> events, long saved)
    {
        if (events.Count == 0)
            return false;
        foreach (var sent in events)
        {
            var data = sent.IsEntry && sent.Seq > saved ? RunFrames.NotSaved(sent.Data) : sent.Data;
            StreamFrameWriter.Write(context.Response.BodyWriter, sent.Seq, sent.Type, data);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        return events[^1].IsLast;
    }

    private static async Task KeepAliveAsync(HttpContext context)
    {
        StreamFrameWriter.KeepAlive.CopyTo(context.Response.BodyWriter.GetSpan(StreamFrameWriter.KeepAlive.Length));
        context.Response.BodyWriter.Advance(StreamFrameWriter.KeepAlive.Length);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
