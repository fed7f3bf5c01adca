using Gateway.Rollout.Statistics;

namespace Gateway.Tests.Rollout.Statistics;

public sealed class FailingUsersTests
{
    /// <summary>The two-proportion statistic by hand: 14 against 4 of 1,000 is 2.37 deviations, 14 against 5 is 2.07.</summary>
    [Theory]
    [InlineData(1000, 14, 1000, 4, true)]
    [InlineData(1000, 14, 1000, 5, false)]
    [InlineData(20, 3, 100_000, 500, true)]
    [InlineData(20, 2, 100_000, 500, false)]
    [InlineData(1000, 10, 1000, 10, false)]
    [InlineData(1000, 4, 1000, 14, false)]
    [InlineData(20, 20, 20, 0, true)]
    [InlineData(20, 20, 20, 20, false)]
    [InlineData(20, 20, 0, 0, false)]
    [InlineData(0, 0, 20, 20, false)]
    public void Users_OfBothArms_AreCompared(long canary, long failedInCanary, long control, long failedInControl, bool more) =>
        Assert.Equal(more, FailingUsers.AreMore(new(new(canary, failedInCanary), new(control, failedInControl))));
}
