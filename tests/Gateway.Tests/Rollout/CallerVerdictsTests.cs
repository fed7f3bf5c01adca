using Gateway.Exchanges;
using Gateway.Rollout;

namespace Gateway.Tests.Rollout;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class CallerVerdictsTests
{
    [Fact]
    public void Caller_WhoAsksAgain_IsNotAskedAbout_AndGetsTheSame()
    {
        var asked = new List<string?>();
        var verdicts = new CallerVerdicts(caller =>
        {
            asked.Add(caller.UserId);
            return new(caller.UserId == "ada", null);
        });

        Assert.Equal([true, true, false, false, false],
            ((string?[])["ada", "ada", "bob", null, "bob"]).Select(user => verdicts.Place(new(user, [])).Accepted));
        Assert.Equal(["ada", "bob", null], asked);
    }

    [Fact]
    public void Caller_WithOtherGroups_IsAnother()
    {
        var verdicts = new CallerVerdicts(caller => new(caller.Groups is ["a", "b"], null));

        Assert.True(verdicts.Place(new("ada", ["a", "b"])).Accepted);
        Assert.False(verdicts.Place(new("ada", ["b", "a"])).Accepted);
        Assert.False(verdicts.Place(new("ada", ["a"])).Accepted);
        Assert.False(verdicts.Place(new("ada", [])).Accepted);
        Assert.False(verdicts.Place(new("Ada", ["A", "B"])).Accepted);
        Assert.False(verdicts.Place(new(null, ["a,b"])).Accepted);
    }

    /// <summary>Names come from outside, as many as somebody likes.</summary>
    [Fact]
    public void Callers_MoreThanAreKept_AreAskedAboutAgain()
    {
        var asked = 0;
        var verdicts = new CallerVerdicts(_ => new(++asked > 0, null));
        for (var i = 0; i <= CallerVerdicts.Most; i++)
            verdicts.Place(new($"user-{i}", []));
        var before = asked;

        verdicts.Place(new("user-0", []));
        verdicts.Place(new($"user-{CallerVerdicts.Most}", []));

        Assert.Equal((CallerVerdicts.Most + 1, before + 1), (before, asked));
    }

    [Fact]
    public void Caller_WithMoreGroupsThanAreKept_IsAskedAboutEachTime()
    {
        var asked = 0;
        var verdicts = new CallerVerdicts(_ => new(++asked > 0, null));
        var (kept, longer) = (new Caller("ada", [new('g', CallerVerdicts.LongestGroups)]),
            new Caller("ada", [new('g', CallerVerdicts.LongestGroups), "h"]));

        foreach (var caller in (Caller[])[kept, kept, longer, longer])
            Assert.True(verdicts.Place(caller).Accepted);

        Assert.Equal(3, asked);
    }
}
