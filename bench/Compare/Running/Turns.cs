using CompareBench.Load;

namespace CompareBench.Running;

/// <summary>One candidate's rounds of a case.</summary>
internal sealed record Measured(string Name, IReadOnlyList<Round> Rounds, double Resident, double Peak)
{
    public Spread RequestsPerSecond => new(Rounds.Select(static r => r.RequestsPerSecond));

    public Spread ProcessorTime => new(Rounds.Select(static r => r.ProcessorTime));
}

/// <param name="ProcessorTime">Of the candidate, in microseconds a request.</param>
internal sealed record Round(double RequestsPerSecond, double ProcessorTime, Latency Latency, long Failures);

/// <summary>Asks candidates in turns, ABCDABCD…, so that what the machine does to one of them it does to the others.</summary>
internal sealed class Turns(Pace pace, TextWriter progress)
{
    public async Task WarmUpAsync(IReadOnlyList<Contender> contenders, Func<Uri, TimeSpan, Task<LoadResult>> load)
    {
        foreach (var contender in contenders)
        {
            await progress.WriteLineAsync($"  {contender.Name}: warming up for {pace.WarmUp.TotalSeconds:0} s");
            await load(contender.Address, pace.WarmUp);
        }
    }

    public async Task<IReadOnlyList<Measured>> MeasureAsync(
        IReadOnlyList<Contender> contenders, Func<Uri, TimeSpan, Task<LoadResult>> load)
    {
        var rounds = contenders.ToDictionary(static c => c, static _ => new List<Round>());
        for (var turn = 1; turn <= pace.Rounds; turn++)
        {
            foreach (var contender in contenders)
            {
                var round = await MeasureAsync(contender, load);
                rounds[contender].Add(round);
                await progress.WriteLineAsync(
                    $"  {turn}/{pace.Rounds} {contender.Name}: {round.RequestsPerSecond:0} requests/s at {round.ProcessorTime:0.0} µs");
            }
        }

        return [.. contenders.Select(c => new Measured(c.Name, rounds[c], c.Server.ReadResident(), c.Server.ReadPeak()))];
    }

    private async Task<Round> MeasureAsync(Contender contender, Func<Uri, TimeSpan, Task<LoadResult>> load)
    {
        contender.ForgetLog();
        var before = contender.Server.ReadProcessorTime();
        var result = await load(contender.Address, pace.Round);
        var processor = contender.Server.ReadProcessorTime() - before;
        JobCheck.HasServed(contender, result);
        JobCheck.HasLogged(contender);
        return new(
            result.Requests / result.Duration.TotalSeconds, processor.TotalMicroseconds / result.Requests, result.Latency, result.Failures);
    }
}
