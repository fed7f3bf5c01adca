namespace Faults.Tests;

/// <summary>The rows of <c>docs/faults.md</c>, each against a real gateway with a real broken connection behind it.</summary>
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
