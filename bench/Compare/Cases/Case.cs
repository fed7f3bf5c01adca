using CompareBench.Reports;

namespace CompareBench.Cases;

internal sealed record Case(string Name, Func<Bench, Task<Section>> RunAsync)
{
    /// <summary>In the order in which they run and are reported.</summary>
    public static readonly IReadOnlyList<Case> All =
    [
        new("get", RequestCases.GetAsync),
        new("post", RequestCases.PostAsync),
        new("download", RequestCases.DownloadAsync),
        new("fallback", RequestCases.FallbackAsync),
        new("quiet", RequestCases.QuietAsync),
        new("h2", RequestCases.Http2Async),
        new("connections", RequestCases.ConnectionsAsync),
        new("sse", StreamCase.RunAsync),
        new("growth", GrowthCase.RunAsync),
        new("start", StartCase.RunAsync),
    ];

    /// <summary>A case that fails does not take away what the others found in an hour.</summary>
    public async Task<Section> RunOrSayWhyNotAsync(Bench bench)
    {
        try
        {
            return await RunAsync(bench);
        }
        catch (Exception failed)
        {
            return new(Name, $"Not measured: {failed.Message}", [], []) { Failed = true };
        }
    }

    /// <returns>All when none is named.</returns>
    /// <exception cref="FormatException">A name is none.</exception>
    public static Case[] Choose(IReadOnlyList<string> names) =>
        names.Except(All.Select(static c => c.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown
            ? throw new FormatException($"{unknown} is no case")
            : [.. All.Where(c => names.Count == 0 || names.Contains(c.Name))];
}
