using System.Text.Json;
using Costs;

// Counts what each case costs, or the cases that are named, and writes a line of JSON for each to standard error: standard output is the
// gateway's log. `--types CASE` samples which types the case allocates. Counts repeat to the byte with DOTNET_PROCESSOR_COUNT=1: what the
// runtime keeps for reuse, it keeps for each processor, and a thread that moved to another finds nothing there.
await using var gateway = await CountedGateway.StartAsync();
if (args is ["--types", var sampled])
{
    const int Exchanges = 5_000;
    using var traffic = CountedTraffic.Cases[sampled](gateway);
    AllocatedTypes.Sample(traffic, Exchanges / 10); // Warms up.
    foreach (var line in AllocatedTypes.Sample(traffic, Exchanges))
        await Console.Error.WriteLineAsync(line);
    return;
}

using var counter = new Counter(gateway);
foreach (var cost in counter.Count(args.Length > 0 ? args : [.. CountedTraffic.Cases.Keys]))
    await Console.Error.WriteLineAsync(JsonSerializer.Serialize(cost));
