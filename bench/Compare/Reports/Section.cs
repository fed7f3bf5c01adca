namespace CompareBench.Reports;

/// <summary>What one case found.</summary>
internal sealed record Section(string Title, string Text, IReadOnlyList<Table> Tables, IReadOnlyList<Bar> Bars)
{
    public IReadOnlyList<Curve> Curves { get; init; } = [];

    public bool Failed { get; init; }
}

internal sealed record Table(string? Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>For the picture: one candidate's ratios to bare YARP in one group.</summary>
/// <param name="Throughput">Null where the load sets it.</param>
internal sealed record Bar(string Group, string Name, double? Throughput, double ProcessorTime);

/// <summary>For the picture: microseconds a request as something grows.</summary>
internal sealed record Curve(string Over, string Name, IReadOnlyList<(int Size, double ProcessorTime)> Points);
