using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace CalendarService.Tests;

/// <summary>Runs a theory on both dialects; its first parameter is <c>sqlite</c> or <c>postgres</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryStoreAttribute(params object[] rest) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [new TheoryDataRow(["sqlite", .. rest]), new TheoryDataRow(["postgres", .. rest])]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
