namespace Gateway.Smoke;

internal enum SmokeStatus
{
    Pass,
    Fail,

    /// <summary>Not checked; the evidence says why.</summary>
    Skip,
}

internal sealed record SmokeCheck(string Name, SmokeStatus Status, string Evidence);

/// <summary>The table: a row a check, in the order in which they ran.</summary>
internal sealed class SmokeReport(CancellationToken cancel)
{
    private readonly List<SmokeCheck> _checks = [];
    private readonly List<string> _leftBehind = [];
    private string? _brokenBy;

    public IReadOnlyList<SmokeCheck> Checks => _checks;

    public IReadOnlyList<string> LeftBehind => _leftBehind;

    public bool Passed => Count(SmokeStatus.Fail) == 0;

    public int Count(SmokeStatus status) => _checks.Count(c => c.Status == status);

    /// <param name="check">Returns the evidence of success, or throws <see cref="SmokeFailedException"/>.</param>
    public async Task<bool> CheckAsync(string name, Func<Task<string>> check)
    {
        try
        {
            _checks.Add(new(name, SmokeStatus.Pass, await check()));
            return true;
        }
        catch (Exception error) when (error is SmokeFailedException or HttpRequestException or IOException
            || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            _checks.Add(new(name, SmokeStatus.Fail, error.Message));
            return false;
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // JSON of another shape than the contract's; whoever wrote it is not the calendar service of this version.
            _checks.Add(new(name, SmokeStatus.Fail, $"an answer has another shape than the contract's: {error.Message}"));
            return false;
        }
    }

    /// <summary>A check that the ones after it in <see cref="StepAsync"/> build on: once one fails, they are not tried.</summary>
    public async Task StepAsync(string name, Func<Task<string>> check)
    {
        if (_brokenBy is not null)
            Skip(name, $"not reached: {_brokenBy} failed");
        else if (!await CheckAsync(name, check))
            _brokenBy = name;
    }

    public void Skip(string name, string why) => _checks.Add(new(name, SmokeStatus.Skip, why));

    public void Leaves(string what) => _leftBehind.Add(what);
}
