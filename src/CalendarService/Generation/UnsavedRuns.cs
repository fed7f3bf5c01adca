using System.Collections.Frozen;
using CalendarService.Calendars;
using CalendarService.Runs;
using CalendarService.Storage;

namespace CalendarService.Generation;

/// <summary>
/// The runs that said something which the database, being away, does not have. Saves them when it is back, those that came
/// first first, so that they meet the same rules as if it had never been away.
/// </summary>
internal sealed partial class UnsavedRuns(
    Database database, RunCatchUp catchUp, KnownCalendars known, LiveRuns live, StoreHealth health, StoreOptions store,
    GenerationOptions options,
    TimeProvider clock, ILogger<UnsavedRuns> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _pass = new(1, 1);
    private readonly List<LiveRun> _runs = [];
    private int _reserved;
    private string? _problem;

    public int Count
    {
        get
        {
            lock (_gate)
                return _runs.Count;
        }
    }

    /// <summary>Room for one run that begins without the database, until the result is disposed; null when there is none.</summary>
    public IDisposable? TryReserve()
    {
        lock (_gate)
        {
            if (_runs.Count + _reserved >= options.MaxUnsavedRuns)
                return null;
            _reserved++;
            return new Reservation(this);
        }
    }

    /// <summary>The database does not take what the run says. The caller has its turn, or nobody knows it yet.</summary>
    public void Add(LiveRun run)
    {
        (run.Keeping, run.WasBehind) = (RunKeeping.Behind, true);
        run.Add([RunFrames.NotSavedYet(run.NextSeq, run is { IsAccepted: false, Key: not null })]);
        lock (_gate)
            _runs.Add(run);
        using var scope = RunWorker.LogFieldsFor(run.Run).Use();
        LogUnsaved("unsaved", run.Entries);
    }

    /// <summary>Saves what there is to save, if the database is there.</summary>
    public async Task TryCatchUpAsync()
    {
        if (Count == 0 || !health.IsUp)
            return;
        await _pass.WaitAsync();
        try
        {
            foreach (var run in Snapshot())
                await CatchUpAsync(run);
            _problem = null;
        }
        catch (StoreUnavailableException)
        {
            // It is logged where it was noticed; the next round tries again.
        }
        catch (Exception error)
        {
            // Once, not at every round: a missing table stays missing for a while.
            if (_problem != error.Message)
                LogFailed(error, Count);
            _problem = error.Message;
        }
        finally
        {
            _pass.Release();
        }
    }

    /// <summary>What the run made can be published without the database, if that is certain to be the calendar.</summary>
    public async Task RememberAsync(LiveRun run)
    {
        var made = run.Run;
        try
        {
            if (made.Fills && run.Keeping == RunKeeping.Saved)
            {
                await database.SnapshotAsync(
                    KnownCalendars.Selects, new { userId = made.UserId, calendarId = made.CalendarId },
                    results => known.ReadAsync(results, made.UserId), CancellationToken.None);
            }
            else if (made.Fills && run is { Keeping: RunKeeping.Behind, IsAccepted: false, Ending: { } ending })
                known.Remember(ToKnownCalendar(run, ending.Partial));
        }
        catch (StoreUnavailableException)
        {
            // It is logged where it was noticed. The calendar is not known then, which a publish is told.
        }
    }

    /// <summary>Tries until there is nothing left to save or no time left to try, and says which runs are lost.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = new CancellationTokenSource(options.StopPatience, clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        while (Count > 0)
        {
            await TryCatchUpAsync();
            if (Count == 0 || any.IsCancellationRequested)
                break;
            await Task.WhenAny(Task.Delay(store.ProbeInterval, clock, any.Token));
        }

        foreach (var run in Snapshot())
            Lose(run, "The process stopped before the database was back.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(store.ProbeInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryCatchUpAsync();
        }
        catch (OperationCanceledException)
        {
            // StopAsync saves what is left.
        }
    }

    private async Task CatchUpAsync(LiveRun run)
    {
        using var turn = await run.TakeTurnAsync();
        if (run.Keeping != RunKeeping.Behind)
            return;
        using var scope = RunWorker.LogFieldsFor(run.Run).Use();
        if (await catchUp.SaveAsync(run) is { } fault)
        {
            Lose(run, fault);
            return;
        }

        run.Keeping = RunKeeping.Saved;
        Forget(run);
        LogSaved("saved", run.Entries);
        if (run.Ending is null)
            return;
        await RememberAsync(run);
        live.Remove(run);
    }

    private void Lose(LiveRun run, string fault)
    {
        (run.Keeping, run.Fault) = (RunKeeping.Lost, fault);
        Forget(run);
        if (run.Run.Fills)
            known.Forget(run.Run.UserId, run.Run.CalendarId);
        using var scope = RunWorker.LogFieldsFor(run.Run).Use();
        LogLost("lost", run.Entries, fault);
        if (run.Ending is null)
            run.Stop(StopReason.Lost);
        else
            live.Remove(run);
    }

    private void Forget(LiveRun run)
    {
        lock (_gate)
            _runs.Remove(run);
    }

    private LiveRun[] Snapshot()
    {
        lock (_gate)
            return [.. _runs];
    }

    private static KnownCalendar ToKnownCalendar(LiveRun run, bool partial)
    {
        var (made, mark) = (run.Run, new RunMark { RunId = run.Run.RunId, CalendarId = run.Run.CalendarId, Partial = partial });
        return new(
            RunAcceptance.NewCalendarFor(made),
            [.. run.EventsAfter(0, out _).Where(told => told.IsEntry)
                .Select(told => RunFrames.Entry(told, made.RunId) with { Generated = null })],
            new Dictionary<string, RunMark>(StringComparer.Ordinal) { [made.RunId] = mark }.ToFrozenDictionary());
    }

    [LoggerMessage(LogLevel.Warning, "The run is {Status}: the database is away; it goes on in memory with {Entries} entries so far")]
    private partial void LogUnsaved(string status, int entries);

    [LoggerMessage(LogLevel.Information, "The run is {Status} after all, with {Entries} entries")]
    private partial void LogSaved(string status, int entries);

    [LoggerMessage(LogLevel.Error, "The run is {Status}, with {Entries} entries: {Fault}")]
    private partial void LogLost(string status, int entries, string fault);

    [LoggerMessage(LogLevel.Error, "Saving failed and is tried again; {Runs} runs are not saved")]
    private partial void LogFailed(Exception error, int runs);

    private sealed class Reservation(UnsavedRuns unsaved) : IDisposable
    {
        public void Dispose()
        {
            lock (unsaved._gate)
                unsaved._reserved--;
        }
    }
}
