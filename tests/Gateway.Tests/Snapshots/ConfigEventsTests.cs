using Gateway.Configuration;
using Gateway.Snapshots;

namespace Gateway.Tests.Snapshots;

public sealed class ConfigEventsTests
{
    [Fact]
    public void Add_MoreThanAreKept_KeepsTheNewestFiftyAndCutsEach()
    {
        var events = new ConfigEvents();
        ConfigFinding[] findings =
            [.. Enumerable.Range(0, 1000).Select(n => new ConfigFinding("gateway.json", $"Routes:{n}", "x", new string('x', 1000)))];
        for (var i = 0; i < 60; i++)
        {
            events.Refused(DateTimeOffset.UnixEpoch.AddSeconds(i), $"r{i}", "r", findings);
        }

        Assert.Equal((50, "r59", "r10"), (events.NewestFirst.Count, events.NewestFirst[0].Revision, events.NewestFirst[^1].Revision));
        Assert.Equal((51, "and 950 more"), (events.NewestFirst[0].Problems.Count, events.NewestFirst[0].Problems[^1]));
        Assert.Equal(501, events.NewestFirst[0].Problems.Max(problem => problem.Length));
        Assert.StartsWith("refused with 1000 problems", events.NewestFirst[0].Text, StringComparison.Ordinal);
    }
}
