using Microsoft.FeatureManagement.FeatureFilters;

namespace Gateway.Identity;

/// <summary>Who asks, as far as the gateway believes it. Nobody is a caller without an id.</summary>
internal sealed class Caller : ITargetingContext
{
    public static readonly Caller Anonymous = new(null, []);

    public Caller(string? userId, IReadOnlyList<string> groups)
    {
        UserId = string.IsNullOrEmpty(userId) ? null : userId;
        Groups = groups;
    }

    public string? UserId { get; }

    public IReadOnlyList<string> Groups { get; }

    string ITargetingContext.UserId
    {
        get => UserId ?? "";
        set => throw new NotSupportedException();
    }

    IEnumerable<string> ITargetingContext.Groups
    {
        get => Groups;
        set => throw new NotSupportedException();
    }

    public static IReadOnlyList<string> ParseGroups(string? commaSeparated) =>
        string.IsNullOrEmpty(commaSeparated)
            ? []
            : commaSeparated.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
