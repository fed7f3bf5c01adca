using System.Globalization;
using Gateway.Exchanges;
using Gateway.Rollout;

namespace Gateway.Diff;

/// <summary>Whom a comparison is about: users by name, and shares of users that nobody named.</summary>
/// <param name="IsOfFile">Somebody named them; otherwise they are those that either folder names.</param>
/// <param name="Shares">Made-up users, by the group that all of them are in; null for no group.</param>
internal sealed record Population(IReadOnlyList<Caller> Users, bool IsOfFile, IReadOnlyList<(string? Group, int Size)> Shares)
{
    private const int Sample = 10_000;
    private const int SampleOfGroup = 1_000;
    private const int MostGroups = 20;

    public static Population FromFile(IReadOnlyList<Caller> users) => new(users, true, []);

    /// <summary>Whoever either side names, and enough made-up users for a share: the cohort's hash spreads them evenly.</summary>
    public static Population FromCohorts(IEnumerable<Cohort> cohorts)
    {
        var all = cohorts.ToArray();
        var named = all.SelectMany(c => c.Users.Concat(c.ExcludedUsers)).Where(Caller.IsLegalId)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var groups = all.SelectMany(c => c.Groups.Keys.Concat(c.ExcludedGroups))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MostGroups);
        return new(
            [.. named.Select(id => new Caller(id, []))], false, [(null, Sample), .. groups.Select(g => ((string?)g, SampleOfGroup))]);
    }

    public IEnumerable<Caller> MakeUp(int share)
    {
        string[] groups = Shares[share].Group is { } group ? [group] : [];
        return Enumerable.Range(1, Shares[share].Size)
            .Select(number => new Caller(string.Create(CultureInfo.InvariantCulture, $"sample-{number}"), groups));
    }
}
