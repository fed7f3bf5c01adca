namespace Drill;

/// <summary>One drill from the first process to the last line.</summary>
internal static class Rehearsal
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(DrillOptions options, CancellationToken cancel)
    {
        try
        {
            Prerequisites.Check();
            return await PlayAsync(options, cancel);
        }
        catch (DrillException failed)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; everything that was started is stopped too.");
            return 130;
        }
    }

    private static async Task<int> PlayAsync(DrillOptions options, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var transcript = new Transcript(options.Json ? Console.Error : Console.Out, clock);
        await transcript.SayAsync(
            "start",
            $"Every duration of the shipped rules and routes is divided by {MonitoringFiles.Speed}; scrapes are {MonitoringFiles.Interval} apart.");
        await using var installation = await Installation.StartAsync(options.Monitoring, clock, cancel);
        await transcript.SayAsync("ready", installation.Addresses);

        var stage = new Stage(installation, transcript, options.Patience, clock, cancel)
        {
            Dashboards = DashboardQueries.Uids(options.Monitoring),
        };
        await using var traffic = new Traffic(installation.Client, installation.Gateways[0].Public);
        await PlayAsync(new Story(installation, traffic, stage), stage);

        var queries = DashboardQueries.Read(options.Monitoring);
        foreach (var fault in await DashboardQueries.FaultsAsync(queries, installation.Monitoring, transcript.Began, clock.GetUtcNow()))
            await stage.FailAsync(fault);

        var passed = stage.Failures.Count == 0;
        await transcript.SayAsync("panels", $"{queries.Count} queries of the dashboards asked");
        await transcript.TableAsync(stage.Cases);
        await transcript.SayAsync(passed ? "PASSED" : "FAILED", passed ? $"{stage.Cases.Count} alerts" : string.Join('\n', stage.Failures));
        if (options.Json)
        {
            var result = new DrillResult(
                passed, Math.Round((clock.GetUtcNow() - transcript.Began).TotalSeconds, 1),
                [.. stage.Cases.Select(c => AlertResult.Of(c, transcript.Began))],
                stage.Muted, queries.Count, stage.Failures);
            await Console.Out.WriteLineAsync(result.ToJson());
        }

        if (!passed)
        {
            installation.KeepLogs();
            await transcript.SayAsync("logs", installation.Logs);
        }

        if (options.Keep)
            await KeepAsync(installation, transcript, cancel);
        return passed ? 0 : 1;
    }

    private static async Task PlayAsync(Story story, Stage stage)
    {
        using var end = new CancellationTokenSource();
        var listening = stage.ListenAsync(end.Token);
        try
        {
            await await Task.WhenAny(story.PlayAsync(), listening);
        }
        finally
        {
            await end.CancelAsync();
            await listening;
        }
    }

    private static async Task KeepAsync(Installation installation, Transcript transcript, CancellationToken cancel)
    {
        await transcript.SayAsync("kept", installation.Addresses + "\nCtrl-C stops everything.");
        await Task.WhenAny(Task.Delay(Timeout.Infinite, cancel));
    }
}
