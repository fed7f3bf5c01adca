using System.Globalization;
using Costs;

namespace AllocationsBench;

/// <summary>The counts of a case, then its types by the bytes that they have of it, each with the places that allocate most.</summary>
internal static class Report
{
    private const int Places = 4;
    private const double LeastBytes = 16;

    public static async Task WriteAsync(TextWriter output, Cost cost, IReadOnlyList<Sample> samples, int exchanges, int frames)
    {
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""
             {cost.Case}: {cost.Bytes:0.#} B allocated, {cost.Activities:0.#} activities, {cost.Scopes:0.#} logging scopes,
             {cost.WorkItems:0.#} work items, {cost.ToClient:0.#} segments to the client, {cost.ToBackend:0.#} to the backend,
             {cost.FileReads:0.#} reads of files

             {samples.Count:N0} samples of {exchanges:N0} exchanges without pauses, {Share(samples, exchanges):0} B each:
             """));
        var types = samples.GroupBy(s => s.Type).OrderByDescending(t => t.Sum(s => s.Bytes));
        foreach (var type in types.TakeWhile(t => Share(t, exchanges) >= LeastBytes))
        {
            await output.WriteLineAsync(Line("", type, exchanges, type.Key));
            var places = type.GroupBy(s => string.Join(" < ", s.Stack.Take(frames)));
            foreach (var place in places.OrderByDescending(p => p.Sum(s => s.Bytes)).Take(Places))
                await output.WriteLineAsync(Line("      ", place, exchanges, place.Key));
        }
    }

    private static double Share(IEnumerable<Sample> samples, int exchanges) => samples.Sum(s => s.Bytes) / exchanges;

    private static string Line(string indent, IEnumerable<Sample> samples, int exchanges, string text) => string.Create(
        CultureInfo.InvariantCulture,
        $"{indent}{Share(samples, exchanges),6:0} B {samples.Sum(s => s.Objects) / exchanges,5:0.0} of  {text}");
}
