using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Costs;

/// <summary>
/// What is allocated, by type, from the runtime's samples: it takes one byte of 102,400 by chance and says of which object it is.
/// Source: https://github.com/dotnet/runtime/blob/main/docs/design/features/RandomizedAllocationSampling.md.
/// </summary>
internal sealed class AllocatedTypes : EventListener
{
    private const EventKeywords AllocationSampling = (EventKeywords)0x80000000000;
    private const int BytesASample = 102_400;
    private const int Shown = 30;

    private readonly ConcurrentDictionary<string, int> _samples = new(StringComparer.Ordinal);

    /// <returns>A line a type, the most bytes first.</returns>
    public static IEnumerable<string> Sample(CountedTraffic traffic, int exchanges)
    {
        using var types = new AllocatedTypes();
        for (var i = 0; i < exchanges; i++)
            traffic.Exchange(pauses: false);
        return [.. types._samples.OrderByDescending(type => type.Value).Take(Shown)
            .Select(type => $"{(double)type.Value * BytesASample / exchanges,7:0} B  {type.Key}")];
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Informational, AllocationSampling);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "AllocationSampled" && eventData.PayloadNames?.IndexOf("TypeName") is { } at and >= 0)
            _samples.AddOrUpdate((string)eventData.Payload![at]!, 1, static (_, count) => count + 1);
    }
}
