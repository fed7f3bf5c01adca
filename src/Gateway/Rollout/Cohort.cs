using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Gateway.Exchanges;

namespace Gateway.Rollout;

/// <summary>What placed a caller inside or outside a cohort.</summary>
internal enum CohortMatch
{
    ExcludedUser,
    ExcludedGroup,
    Environment,
    User,
    Group,
    Default,
    Anonymous,
}

/// <param name="Bucket">The caller's place in [0, 100); null without a user id.</param>
/// <param name="Percentage">The highest percentage that applied to the caller.</param>
/// <param name="Group">The group that gave that percentage, if one did.</param>
internal readonly record struct CohortVerdict(
    bool Accepted, CohortMatch Match, double? Bucket, double Percentage, string? Group = null);

/// <summary>
/// A named share of the users, the same for every flag that names it. Why not Microsoft.Targeting: it hashes the
/// flag's name too, so two flags at 10 % have two different tenths of the users and 18 % in a half-new state.
/// </summary>
internal sealed record Cohort(
    string Name,
    FrozenSet<string> Users,
    FrozenDictionary<string, double> Groups,
    double DefaultPercentage,
    FrozenSet<string> ExcludedUsers,
    FrozenSet<string> ExcludedGroups,
    FrozenSet<string> Environments)
{
    /// <summary>
    /// Precedence as in Microsoft.Targeting: exclusion, user, groups, default. A caller is in if its bucket is below
    /// any percentage that applies, so raising a percentage never moves anyone out.
    /// </summary>
    public CohortVerdict Evaluate(Caller caller, string environment)
    {
        if (caller.UserId is not null && ExcludedUsers.Contains(caller.UserId))
            return new(false, CohortMatch.ExcludedUser, null, 0);
        foreach (var group in caller.Groups)
        {
            if (ExcludedGroups.Contains(group))
                return new(false, CohortMatch.ExcludedGroup, null, 0, group);
        }

        if (Environments.Count > 0 && !Environments.Contains(environment))
            return new(false, CohortMatch.Environment, null, 0);
        if (caller.UserId is not null && Users.Contains(caller.UserId))
            return new(true, CohortMatch.User, null, 100);

        var (percentage, byGroup) = (DefaultPercentage, (string?)null);
        foreach (var group in caller.Groups)
        {
            if (Groups.TryGetValue(group, out var share) && share > percentage)
                (percentage, byGroup) = (share, group);
        }

        var match = byGroup is null ? CohortMatch.Default : CohortMatch.Group;
        if (caller.UserId is null)
            return new(percentage >= 100, percentage >= 100 ? match : CohortMatch.Anonymous, null, percentage, byGroup);
        var bucket = Bucket(Name, caller.UserId);
        return new(bucket < percentage, match, bucket, percentage, byGroup);
    }

    /// <summary>
    /// The first 53 bits of SHA-256 over <c>name LF userId</c> in UTF-8, as a share of 100: the same on every replica, in
    /// every release and in every language.
    /// </summary>
    public static double Bucket(string cohort, string userId)
    {
        Span<byte> input = stackalloc byte[512];
        var length = Encoding.UTF8.GetByteCount(cohort) + 1 + Encoding.UTF8.GetByteCount(userId);
        if (length > input.Length)
            input = new byte[length];
        var written = Encoding.UTF8.GetBytes(cohort, input);
        input[written++] = (byte)'\n';
        written += Encoding.UTF8.GetBytes(userId, input[written..]);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..written], hash);
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) >> 11) * (100.0 / (1UL << 53));
    }
}
