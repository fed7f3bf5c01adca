using CalendarService.Calendars;
using CalendarService.Generation.Writers;
using CalendarService.Runs;
using CalendarService.Storage;
using CalendarService.Telemetry;
using ServiceDefaults.Correlation;

namespace CalendarService.Generation;

/// <summary>
/// Works on one run from its writer to its <c>done</c>, whether or not anybody listens. Events are kept before they are sent.
/// </summary>
internal sealed partial class RunWorker(
    IContentWriter writer, Database database, RunStore runs, RunKeeper keeper, UnsavedRuns unsaved, LiveRuns live,
    EntryRules rules, GenerationOptions options, CalendarMetrics metrics, TimeProvider clock, ILogger<RunWorker> logger)
{
    private const int MostPerTransaction = 50;

    public async Task WorkAsync(LiveRun run)
    {
        using var scope = LogFieldsFor(run.Run).Use();
        using var ended = new CancellationTokenSource();
        var watch = WatchAsync(run, ended.Token);
        var progress = new RunProgress(run, rules);
        var ending = await WriteAsync(progress);
        await EndAsync(run, ending);
        await ended.CancelAsync();
        await watch;
    }

    public static RequestFields LogFieldsFor(Run run) => new()
    {
        RequestId = run.RequestId,
        UserId = run.UserId,
        CalendarId = run.CalendarId,
        RunId = run.RunId,
        Channel = string.Join(',', run.Command.Channels.Order(StringComparer.Ordinal)),
    };

    private async Task<RunEnding> WriteAsync(RunProgress progress)
    {
        using var limits = new RunLimits(options, clock, progress.Live.Stopping);
        try
        {
            try
            {
                await PullAsync(progress, limits);
            }
            finally
            {
                await SaveAsync(progress); // What the writer gave before it failed stands.
            }

            return progress.HasGaps ? RunEnding.WithGaps(progress.Summary) : RunEnding.Complete;
        }
        catch (OperationCanceledException) when (limits.Exceeded is { } limit)
        {
            return new(RunStatus.Timeout, null, $"{limit} {progress.Summary} Generate again to get the rest.");
        }
        catch (OperationCanceledException) when (progress.Live.StopReason != StopReason.None)
        {
            return Stopped(progress);
        }
        catch (WriterException failed)
        {
            return RunEnding.Error(failed.Code, $"{failed.Message} {progress.Summary}");
        }
        catch (Exception error)
        {
            LogFailed(error);
            return RunEnding.Error("writer-failed", $"The writer failed. {progress.Summary}");
        }
    }

    private async Task PullAsync(RunProgress progress, RunLimits limits)
    {
        await using var items = writer.WriteAsync(ToBrief(progress.Live.Run.Command), limits.Token).GetAsyncEnumerator(limits.Token);
        while (true)
        {
            limits.Expect(first: progress.Seen == 0);
            var next = items.MoveNextAsync().AsTask();
            // A writer that is ahead is saved in batches; before waiting for one that is not, nothing is held back.
            if (!next.IsCompleted || progress.Pending.Count >= MostPerTransaction)
                await SaveWhileWaitingAsync(progress, limits, next);
            if (!await next)
                return;
            progress.Take(items.Current);
        }
    }

    private static WritingBrief ToBrief(GenerateCommand command) =>
        new(command.Brief, command.StartDate, command.Days, command.PostsPerDay, command.Channels, command.Timezone);

    private async Task SaveWhileWaitingAsync(RunProgress progress, RunLimits limits, Task<bool> next)
    {
        try
        {
            await SaveAsync(progress);
        }
        catch
        {
            // An iterator cannot be disposed of while it moves.
            limits.Cancel();
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    private async Task SaveAsync(RunProgress progress)
    {
        if (progress.Pending.Count == 0)
            return;
        var (events, entries) = progress.Drain();
        await keeper.KeepAsync(progress.Live, events, entries);
    }

    private async Task EndAsync(LiveRun run, RunEnding ending)
    {
        await unsaved.TryCatchUpAsync();
        using (await run.TakeTurnAsync())
        {
            var events = await keeper.EndAsync(run, ending);
            // Before anybody hears that it is done: from then on it can be published, whatever becomes of the database.
            await unsaved.RememberAsync(run);
            metrics.RunEnded(ending.Status.ToLabel());
            LogEnded(ending.Status.ToLabel(), run.Entries, ending.ErrorCode);
            if (run.Keeping != RunKeeping.Behind)
                live.Remove(run);
            live.Release();
            run.Add(events);
        }

        run.End();
    }

    private static RunEnding Stopped(RunProgress progress) => progress.Live.StopReason switch
    {
        StopReason.ShuttingDown => RunEnding.Error("shutting-down", $"The service is restarting. {progress.Summary}"),
        StopReason.Lost => RunEnding.Error("run-lost", $"{progress.Live.Fault ?? "The run was taken for dead."} {progress.Summary}"),
        StopReason.Abandoned => new(RunStatus.Cancelled, null, $"Nobody was listening any more. {progress.Summary}"),
        _ => new(RunStatus.Cancelled, null, $"The run was cancelled. {progress.Summary}"),
    };

    // Reports to other processes that the run lives, and learns what they and the listeners want.
    private async Task WatchAsync(LiveRun run, CancellationToken ended)
    {
        var tick = TimeSpan.FromTicks(Math.Min(options.Lease.Ticks / 3, options.AbandonAfter.Ticks / 4));
        using var timer = new PeriodicTimer(tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
                await WatchOnceAsync(run, ended);
        }
        catch (OperationCanceledException)
        {
            // The run ended.
        }
    }

    private async Task WatchOnceAsync(LiveRun run, CancellationToken ended)
    {
        if (!run.IsAccepted)
        {
            if (run.UnheardFor() > options.AbandonAfter) // Nobody elsewhere can know of it.
                run.Stop(StopReason.Abandoned);
            return;
        }

        try
        {
            var wishes = await database.WriteAsync(transaction => runs.BeatAsync(transaction, run.Run.RunId), ended);
            if (wishes is null)
                run.Stop(StopReason.Lost);
            else if (wishes.Cancel)
                run.Stop(StopReason.Cancelled);
            else if (run.UnheardFor() > options.AbandonAfter && clock.GetUtcNow() - wishes.ListenedAt > options.AbandonAfter)
                run.Stop(StopReason.Abandoned);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogBeatFailed(error.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Information, "Run ended {Status} with {Entries} entries, error {ErrorCode}")]
    private partial void LogEnded(string status, int entries, string? errorCode);

    [LoggerMessage(LogLevel.Error, "The writer failed unexpectedly")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(LogLevel.Warning, "The run could not report that it lives: {Error}")]
    private partial void LogBeatFailed(string error);
}
