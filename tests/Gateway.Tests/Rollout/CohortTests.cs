using System.Collections.Frozen;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Exchanges;
using Gateway.Rollout;

namespace Gateway.Tests.Rollout;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class CohortTests
{
    [Theory]
    [InlineData("canary", "ada")]
    [InlineData("canary", "user-1")]
    [InlineData("beta", "ada")]
    [InlineData("canary", "")]
    [InlineData("kanarienvogel", "größe@example.org")]
    public void Bucket_AnyUser_IsTheDocumentedHash(string cohort, string user)
    {
        // By another way than the code: the hash as text, its first 53 bits as a fraction.
        var hex = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($"{cohort}\n{user}")))[..16];
        var expected = (ulong.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 2048) / 9007199254740992.0 * 100;

        Assert.Equal(expected, Cohort.Bucket(cohort, user), 12);
    }

    /// <summary>Recorded once. A change here moves real users to another backend.</summary>
    [Theory]
    [InlineData("canary", "ada", 34.434462)]
    [InlineData("canary", "user-1", 61.535721)]
    [InlineData("beta", "ada", 3.594299)]
    public void Bucket_KnownUsers_NeverMoves(string cohort, string user, double bucket) =>
        Assert.Equal(bucket, Cohort.Bucket(cohort, user), 6);

    [Fact]
    public void Bucket_LongNames_NeedNoLimit() =>
        Assert.InRange(Cohort.Bucket(new string('c', 400), new string('ü', 4000)), 0, 100);

    [Fact]
    public void Bucket_ManyUsers_AreSpreadEvenly()
    {
        var share = Enumerable.Range(0, 20_000).Count(i => Cohort.Bucket("canary", $"user-{i}") < 10) / 20_000.0;

        Assert.InRange(share, 0.09, 0.11);
    }

    [Fact]
    public void Verdict_RaisedPercentage_NeverMovesAnyoneOut() => Prop.ForAll(
        Gen.Choose(0, 1000).Two().Zip(ArbMap.Default.GeneratorFor<Guid>()).ToArbitrary(),
        sample =>
        {
            var ((a, b), user) = sample;
            var (lower, higher) = (Math.Min(a, b) / 10.0, Math.Max(a, b) / 10.0);
            var caller = new Caller(user.ToString(), []);
            return !Of(lower).Evaluate(caller, "Production").Accepted || Of(higher).Evaluate(caller, "Production").Accepted;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Verdict_RaisedGroupPercentage_NeverMovesAnyoneOut() => Prop.ForAll(
        Gen.Choose(0, 100).Three().Zip(ArbMap.Default.GeneratorFor<Guid>()).ToArbitrary(),
        sample =>
        {
            var ((fallback, a, b), user) = sample;
            var caller = new Caller(user.ToString(), ["staff"]);
            var lower = Of(fallback, groups: ("staff", Math.Min(a, b)));
            var higher = Of(fallback, groups: ("staff", Math.Max(a, b)));
            return !lower.Evaluate(caller, "Production").Accepted || higher.Evaluate(caller, "Production").Accepted;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, false)]
    [InlineData(99.9, false)]
    [InlineData(100, true)]
    public void Verdict_Anonymous_IsOutsideBelow100(double percentage, bool inside) =>
        Assert.Equal(inside, Of(percentage).Evaluate(Caller.Anonymous, "Production").Accepted);

    [Fact]
    public void Verdict_AnonymousInFullGroup_IsInside() =>
        Assert.True(Of(0, groups: ("staff", 100)).Evaluate(new Caller(null, ["staff"]), "Production").Accepted);

    [Fact]
    public void Verdict_AtTheEnds_IsNobodyAndEverybody()
    {
        foreach (var caller in Enumerable.Range(0, 500).Select(i => new Caller($"user-{i}", [])))
        {
            Assert.False(Of(0).Evaluate(caller, "Production").Accepted);
            Assert.True(Of(100).Evaluate(caller, "Production").Accepted);
        }
    }

    [Fact]
    public void Verdict_NamedUser_IsInsideAtZero() =>
        Assert.Equal(CohortMatch.User, Of(0, users: "ada").Evaluate(new Caller("ada", []), "Production").Match);

    [Fact]
    public void Verdict_NamedUserInAnotherCase_IsAnotherUser() =>
        Assert.False(Of(0, users: "ada").Evaluate(new Caller("Ada", []), "Production").Accepted);

    [Fact]
    public void Verdict_TwoGroups_TakesTheHigherShare()
    {
        var verdict = Of(5, groups: [("staff", 100), ("guests", 1)]).Evaluate(new Caller("ada", ["guests", "staff"]), "Production");

        Assert.Equal((true, CohortMatch.Group, 100, "staff"), (verdict.Accepted, verdict.Match, verdict.Percentage, verdict.Group));
    }

    [Fact]
    public void Verdict_Excluded_BeatsEveryInclusion()
    {
        var cohort = Of(100, users: "ada") with { ExcludedUsers = Set("ada"), ExcludedGroups = Set("contractors") };

        Assert.Equal(CohortMatch.ExcludedUser, cohort.Evaluate(new Caller("ada", []), "Production").Match);
        Assert.False(cohort.Evaluate(new Caller("ada", []), "Production").Accepted);
        Assert.False(cohort.Evaluate(new Caller("bob", ["contractors"]), "Production").Accepted);
        Assert.True(cohort.Evaluate(new Caller("bob", []), "Production").Accepted);
    }

    [Theory]
    [InlineData("Staging", true)]
    [InlineData("staging", true)]
    [InlineData("Production", false)]
    public void Verdict_OtherEnvironment_IsOutside(string environment, bool inside)
    {
        var cohort = Of(100) with { Environments = new[] { "Staging" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase) };

        Assert.Equal(inside, cohort.Evaluate(new Caller("ada", []), environment).Accepted);
    }

    private static Cohort Of(double percentage, string? users = null, params (string Name, double Share)[] groups) => new(
        "canary", users is null ? [] : Set(users), groups.ToFrozenDictionary(g => g.Name, g => g.Share, StringComparer.Ordinal), percentage,
        [], [], []);

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
