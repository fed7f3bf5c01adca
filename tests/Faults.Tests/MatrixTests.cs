namespace Faults.Tests;

/// <summary>The rows of <c>docs/reference/faults-table.md</c>, each against a real gateway with a real broken connection behind it.</summary>
public sealed class MatrixHttp1Tests(Http1Rigs rigs) : IClassFixture<Http1Rigs>
{
    public static TheoryData<string, FaultKind, FaultPoint> Cells => FaultRigs.CellsOf("h1");

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Fault_Http1Upstream_EndsAsTheTableSays(string request, FaultKind kind, FaultPoint point) =>
        rigs.CheckAsync(new(FaultRequest.All[request], kind, point, "h1"));
}

public sealed class MatrixH2cTests(H2cRigs rigs) : IClassFixture<H2cRigs>
{
    public static TheoryData<string, FaultKind, FaultPoint> Cells => FaultRigs.CellsOf("h2c");

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Fault_H2cUpstream_EndsAsTheTableSays(string request, FaultKind kind, FaultPoint point) =>
        rigs.CheckAsync(new(FaultRequest.All[request], kind, point, "h2c"));
}

public sealed class MatrixTableTests
{
    [Fact]
    public void Table_EveryCombination_HasItsRow() =>
        Assert.Equal(FaultCell.Upstreams.Sum(u => FaultCell.All(u).Count()), FaultTable.Count);

    /// <summary>The small table of <c>docs/faults.md</c> says of each group of faults what its rows say, no more and no less.</summary>
    [Fact]
    public void ShortPage_EachCell_IsWhatItsRowsComeTo()
    {
        var table = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "faults.md")).Where(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split(" | ", StringSplitOptions.TrimEntries)).ToArray();
        Assert.Equal(
            FaultRequest.All.Keys.Order(StringComparer.Ordinal),
            table[0].Skip(1).SelectMany(Marked).Order(StringComparer.Ordinal));
        foreach (var row in table.Skip(2))
        {
            var faults = Marked(row[0]).ToArray();
            bool? inBody = row[0].Contains("in its answer", StringComparison.Ordinal) ? true
                : row[0].Contains("before its answer", StringComparison.Ordinal) ? false : null;
            foreach (var (requests, cell) in table[0].Skip(1).Select(head => Marked(head).ToArray()).Zip(row.Skip(1)))
            {
                var outcomes = FaultTable.Find(requests, faults, inBody).ToArray();
                Assert.NotEmpty(outcomes);
                Assert.All(outcomes, outcome =>
                {
                    Assert.Equal([outcome.ServedBy, outcome.Reason], Marked(cell).Except(["done error"]));
                    Assert.Equal(outcome.Saw.StartsWith('5'), cell.StartsWith('5'));
                    Assert.True(!outcome.Saw.StartsWith('5') || cell.Contains(outcome.Saw[..3], StringComparison.Ordinal), cell);
                    Assert.Equal(outcome.Saw.EndsWith(" cut", StringComparison.Ordinal), cell.StartsWith("cut", StringComparison.Ordinal));
                    Assert.Equal(outcome.Saw.EndsWith("done error", StringComparison.Ordinal), cell.Contains("done error", StringComparison.Ordinal));
                });
            }
        }

        static IEnumerable<string> Marked(string cell) => cell.Split('`').Where((_, index) => index % 2 == 1);
    }
}

public sealed class Http1Rigs : FaultRigs
{
    public Http1Rigs()
        : base("h1")
    {
    }
}

public sealed class H2cRigs : FaultRigs
{
    public H2cRigs()
        : base("h2c")
    {
    }
}

/// <summary>Two gateways a protocol: one with the timeouts that a fault of silence runs into, one without.</summary>
public abstract class FaultRigs(string upstream) : IAsyncLifetime
{
    private FaultRig _patient = null!;
    private FaultRig _impatient = null!;

    public static TheoryData<string, FaultKind, FaultPoint> CellsOf(string upstream) =>
        [.. FaultCell.All(upstream).Select(c => new TheoryDataRow<string, FaultKind, FaultPoint>(c.Request.Name, c.Kind, c.Point))];

    public async ValueTask InitializeAsync()
    {
        _patient = await FaultRig.StartAsync(upstream, impatient: false);
        _impatient = await FaultRig.StartAsync(upstream, impatient: true);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _patient.DisposeAsync();
        await _impatient.DisposeAsync();
    }

    internal async Task CheckAsync(FaultCell cell) =>
        FaultTable.Check(cell, await (cell.WaitsForATimeout ? _impatient : _patient).RunAsync(cell));
}
