using System.Diagnostics;
using System.Text.Json;
using Costs;

namespace Gateway.Tests.Budgets;

/// <summary>Runs <c>tests/Costs</c> once, as a process of its own: what other tests allocate is not counted there.</summary>
public sealed class CountedExchanges
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Lazy<Task<IReadOnlyDictionary<string, Cost>>> _costs = new(CountAsync);

    /// <summary>Unoptimized code allocates more: each async method's state is an object there.</summary>
    internal static bool AreOptimized { get; } = !typeof(GatewayApplication).Assembly
        .GetCustomAttributes(typeof(DebuggableAttribute), inherit: false).Cast<DebuggableAttribute>().Any(a => a.IsJITOptimizerDisabled);

    internal Task<IReadOnlyDictionary<string, Cost>> Costs => _costs.Value;

    internal static async Task<string> SampleTypesAsync(string name) => await RunAsync("--types", name);

    private static async Task<IReadOnlyDictionary<string, Cost>> CountAsync() =>
        (await RunAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Cost>(line)!)
            .ToDictionary(cost => cost.Case, StringComparer.Ordinal);

    private static async Task<string> RunAsync(params string[] arguments)
    {
        // The gateway's log is written as it always is, and read by nobody.
        var start = new ProcessStartInfo(
            "/bin/sh",
            ["-c", "exec dotnet \"$0\" \"$@\" >/dev/null", Path.Combine(AppContext.BaseDirectory, "Costs.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        start.Environment.Remove("DOTNET_TC_CallCountingDelayMs"); // What is counted is the code as it is after a while.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "1"; // What the runtime keeps for reuse, it keeps for each processor.
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
            await process.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(process.ExitCode == 0, output);
            return output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
