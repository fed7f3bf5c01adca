using Gateway.Changes;
using Gateway.Configuration;

namespace Gateway.Diff;

/// <summary>The comparison as JSON, in which nothing is left out.</summary>
/// <param name="From">The revision of the folder in force.</param>
/// <param name="To">That of the folder to come.</param>
/// <param name="Assumes">What holds on both sides, whatever this machine's environment says.</param>
/// <param name="Users">How many were asked about by name.</param>
/// <param name="Moving">How many of them go to another backend with any request.</param>
/// <param name="AnonymousMoves">Whether requests of nobody do.</param>
/// <param name="Shares">The share of users that nobody named that do; made-up ones stand for them.</param>
/// <param name="Routes">Kinds of requests on which anything changes for anybody.</param>
/// <param name="Unsampled">Routes for which no request could be made up.</param>
/// <param name="Findings">Lines of the file of users that were left out.</param>
internal sealed record DiffReport(
    string From, string To, string Assumes, int Users, int Moving, bool AnonymousMoves, IReadOnlyList<DiffShare> Shares,
    IReadOnlyList<ConfigChange> Changes, IReadOnlyList<DiffRoute> Routes, IReadOnlyCollection<string> Unsampled,
    IReadOnlyList<ConfigFinding> Findings)
{
    public static DiffReport Create(
        ComparedFolder was, ComparedFolder becomes, FolderComparison comparison, IReadOnlyList<ConfigFinding> findings) => new(
        was.Snapshot.Revision, becomes.Snapshot.Revision,
        $"every flag's key in the environment is on, the environment's name is {was.Snapshot.Rollout.EnvironmentName}, "
        + "every backend is available",
        comparison.Population.Users.Count, comparison.Moving, comparison.AnonymousMoves,
        ToShares(comparison.Population, comparison.MovingSamples),
        was.Snapshot.DescribeChanges(becomes.Snapshot),
        [.. comparison.Pairs.Where(pair => pair.Movements.Any()).Select(pair => ToRoute(pair, comparison.Population))],
        comparison.Unsampled, findings);

    private static DiffRoute ToRoute(RequestPair pair, Population population) => new(
        pair.Before, pair.After, pair.Requests, pair.RequestCount, pair.Moving,
        [.. pair.Movements.OrderByDescending(m => m.IsMove).Select(m => new DiffMove(
            m.From, m.To, m.Was, m.Becomes, m.FromAddresses, m.ToAddresses, m.Count, m.Users, m.IsAnonymousToo,
            ToShares(population, m.Samples)))]);

    private static DiffShare[] ToShares(Population population, int[] counts) =>
        [.. population.Shares.Select((share, i) => new DiffShare(share.Group, share.Size, 100.0 * counts[i] / share.Size))];
}

/// <param name="Group">The group that they are all in; null for users in none.</param>
/// <param name="Sample">How many made-up users stand for them.</param>
internal sealed record DiffShare(string? Group, int Sample, double Percentage);

/// <param name="Before">The route that these requests take now; null when none does.</param>
/// <param name="After">The route that they will take.</param>
/// <param name="Requests">Some of them; <paramref name="RequestCount"/> were tried.</param>
internal sealed record DiffRoute(
    string? Before, string? After, IReadOnlyList<string> Requests, int RequestCount, int Moving, IReadOnlyList<DiffMove> Moves);

/// <param name="From">Who answers now, at <paramref name="FromAddresses"/>, because of <paramref name="Was"/>.</param>
/// <param name="Users">All of the <paramref name="Count"/> in JSON, a few in text.</param>
internal sealed record DiffMove(
    string From, string To, string Was, string Becomes, string FromAddresses, string ToAddresses, int Count, IReadOnlyList<string> Users,
    bool Anonymous, IReadOnlyList<DiffShare> Shares)
{
    public bool IsMove => From != To;
}
