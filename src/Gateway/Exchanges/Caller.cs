using System.Buffers;
using Microsoft.FeatureManagement.FeatureFilters;

namespace Gateway.Exchanges;

/// <summary>Who asks, as far as the gateway believes it. Nobody is a caller without an id.</summary>
internal sealed class Caller : ITargetingContext
{
    private const int LongestId = 256;

    private static readonly SearchValues<char> NeverInId =
        SearchValues.Create([',', '\x7f', .. Enumerable.Range(0, ' ').Select(c => (char)c)]);

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

    /// <summary>One name, as a header can carry it: a comma would make it two, and white space around it would get lost.</summary>
    public static bool IsLegalId(string? id) =>
        id is { Length: > 0 and <= LongestId } && !id.AsSpan().ContainsAny(NeverInId) && id.AsSpan().Trim().Length == id.Length;

    public static IReadOnlyList<string> ParseGroups(string? commaSeparated) =>
        string.IsNullOrEmpty(commaSeparated)
            ? []
            : commaSeparated.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
