using Gateway.Rollout.Arms;

namespace Gateway.Tests.Rollout.Arms;

/// <summary>Holds docs/contract.md section 10: what is counted of the arms.</summary>
public sealed class TickUsersTests
{
    [Fact]
    public async Task Mark_ByFourThreadsAtOnce_LosesNoUserAndNoMark()
    {
        var users = new TickUsers(1 << 14);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var round = 0; round < 3; round++)
            {
                for (var user = 1UL; user <= 5_000; user++)
                    users.Mark(user * 977, 1UL << thread);
            }
        })));

        var read = users.Read().ToArray();
        Assert.Equal(5_000, read.Select(one => one.User).Distinct().Count());
        Assert.Equal((5_000, 0), (read.Length, users.LeftOut));
        Assert.All(read, one => Assert.Equal(0b1111UL, one.Marks));
    }

    [Fact]
    public void Mark_MoreUsersThanSeats_LeavesTheRestOutAndSaysHowMany()
    {
        var users = new TickUsers(64);

        for (var user = 1UL; user <= 100; user++)
            users.Mark(user, 1);

        var kept = users.Read().Count();
        Assert.InRange(kept, 50, 64);
        Assert.Equal(100 - kept, users.LeftOut);
    }

    [Fact]
    public void Clear_LeavesNothing()
    {
        var users = new TickUsers(64);
        users.Mark(7, 3);

        users.Clear();

        Assert.Empty(users.Read());
    }
}
