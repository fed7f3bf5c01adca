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
            return caller.UserId == "ada";
        });

        Assert.Equal([true, true, false, false, false],
            ((string?[])["ada", "ada", "bob", null, "bob"]).Select(user => verdicts.Accepts(new(user, []))));
        Assert.Equal(["ada", "bob", null], asked);
    }

    [Fact]
    public void Caller_WithOtherGroups_IsAnother()
    {
        var verdicts = new CallerVerdicts(caller => caller.Groups is ["a", "b"]);

        Assert.True(verdicts.Accepts(new("ada", ["a", "b"])));
        Assert.False(verdicts.Accepts(new("ada", ["b", "a"])));
        Assert.False(verdicts.Accepts(new("ada", ["a"])));
        Assert.False(verdicts.Accepts(new("ada", [])));
        Assert.False(verdicts.Accepts(new("Ada", ["A", "B"])));
        Assert.False(verdicts.Accepts(new(null, ["a,b"])));
    }

    /// <summary>Names come from outside, as many as somebody likes.</summary>
    [Fact]
    public void Callers_MoreThanAreKept_AreAskedAboutAgain()
    {
        var asked = 0;
        var verdicts = new CallerVerdicts(_ => ++asked > 0);
        for (var i = 0; i <= CallerVerdicts.Most; i++)
            verdicts.Accepts(new($"user-{i}", []));
        var before = asked;

        verdicts.Accepts(new("user-0", []));
        verdicts.Accepts(new($"user-{CallerVerdicts.Most}", []));

        Assert.Equal((CallerVerdicts.Most + 1, before + 1), (before, asked));
    }

    [Fact]
    public void Caller_WithMoreGroupsThanAreKept_IsAskedAboutEachTime()
    {
        var asked = 0;
        var verdicts = new CallerVerdicts(_ => ++asked > 0);
        var (kept, longer) = (new Caller("ada", [new('g', CallerVerdicts.LongestGroups)]),
            new Caller("ada", [new('g', CallerVerdicts.LongestGroups), "h"]));

        foreach (var caller in (Caller[])[kept, kept, longer, longer])
            Assert.True(verdicts.Accepts(caller));

        Assert.Equal(3, asked);
    }
}
