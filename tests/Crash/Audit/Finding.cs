namespace Crash.Audit;

/// <summary>What is wrong when ledger and tables differ.</summary>
internal enum Wrong
{
    /// <summary>Acknowledged, and not there.</summary>
    Lost,

    /// <summary>There twice.</summary>
    Doubled,

    /// <summary>There, and nobody asked for it; or refused, and there all the same.</summary>
    Unexplained,

    /// <summary>There, and not as it was acknowledged.</summary>
    Different,
}

internal sealed record Finding(Wrong Wrong, string Text);

/// <summary>Numbers for the report, and everything that is wrong.</summary>
internal sealed class Findings
{
    private readonly List<Finding> _all = [];
    private readonly List<(string What, long Count)> _numbers = [];

    public IReadOnlyList<Finding> All => _all;

    public IReadOnlyList<(string What, long Count)> Numbers => _numbers;

    public void Add(Wrong wrong, string text) => _all.Add(new(wrong, text));

    public void Number(string what, long count) => _numbers.Add((what, count));
}
