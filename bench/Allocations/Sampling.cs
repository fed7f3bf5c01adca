using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Etlx;

namespace AllocationsBench;

/// <summary>One object of those that the runtime picked, each by the same chance for every byte.</summary>
/// <param name="Objects">How many objects of its size it stands for.</param>
/// <param name="Stack">Who allocated it, who called that, and so on.</param>
internal sealed record Sample(string Type, double Bytes, double Objects, IReadOnlyList<string> Stack);

/// <summary>
/// Samples this process's own allocations with their stacks, over the runtime's diagnostic port.
/// Source: https://github.com/dotnet/runtime/blob/main/docs/design/features/RandomizedAllocationSampling.md.
/// </summary>
internal static class Sampling
{
    private const long AllocationSampling = 0x80000000000;
    private const TraceEventID AllocationSampled = (TraceEventID)303;
    private const double BytesASample = 102_400;
    private const int BufferMegabytes = 512;

    public static async Task<IReadOnlyList<Sample>> RunAsync(string directory, Action load)
    {
        var trace = Path.Combine(directory, "allocations.nettrace");
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, AllocationSampling);
        using (var session = new DiagnosticsClient(Environment.ProcessId).StartEventPipeSession([provider], true, BufferMegabytes))
        {
            await using var file = File.Create(trace);
            var copying = session.EventStream.CopyToAsync(file);
            load();
            await session.StopAsync(CancellationToken.None);
            await copying;
        }

        using var log = new TraceLog(TraceLog.CreateFromEventPipeDataFile(trace));
        return [.. log.Events.Where(static e => e.ID == AllocationSampled).Select(Read)];
    }

    private static Sample Read(TraceEvent sampled)
    {
        var size = Convert.ToDouble(sampled.PayloadByName("ObjectSize"), CultureInfo.InvariantCulture);
        var objects = 1 / (1 - Math.Exp(-size / BytesASample));
        return new((string)sampled.PayloadByName("TypeName"), size * objects, objects, [.. ReadStack(sampled.CallStack())]);
    }

    private static IEnumerable<string> ReadStack(TraceCallStack? stack)
    {
        // An async method and the part of it that runs are two frames.
        for (var above = ""; stack is not null; stack = stack.Caller)
        {
            if (Frame.Name(stack.CodeAddress.FullMethodName) is { Length: > 0 } name && name != above)
                yield return above = name;
        }
    }
}
