using Gateway.Fallback;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Fallback;

/// <summary>Holds docs/contract.md section 4: falling back.</summary>
public sealed class ReplayBudgetTests
{
    [Theory]
    [InlineData("0.2", "0", 16, 22)] // A fifth of 100 requests.
    [InlineData("0.5", "0", 45, 52)]
    [InlineData("0", "3", 30, 100)] // Three a second over the ten seconds that are looked at, more when the test takes longer.
    [InlineData("0", "0", 0, 0)]
    public async Task Replays_SlowDeathOfTheService_AreBounded(string share, string perSecond, int atLeast, int atMost)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Resets();
        await using var gateway = await StartAsync(calendar, legacy, share, perSecond);

        var answers = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            using var response = await gateway.GetAsync("/api/calendar/c1", "ada");
            answers.Add($"{(int)response.StatusCode} {response.ServedBy()} {response.Reason()}");
        }

        Assert.InRange(legacy.Requests.Count, atLeast, atMost);
        Assert.Equal(legacy.Requests.Count, answers.Count(a => a == "200 legacy failed"));
        Assert.Equal(100 - legacy.Requests.Count, answers.Count(a => a == "502 gateway failed"));
        Assert.Equal(legacy.Requests.Count, (await gateway.MetricsAsync()).Value(
            "gateway_fallbacks_total", ("route", "calendar"), ("from", "calendar"), ("to", "legacy"), ("reason", "failed")));
    }

    [Fact]
    public void Requests_OfManyThreads_AreAllCounted_AndForgottenAfterTenSeconds()
    {
        const int Each = 5_000;
        var clock = new FakeTimeProvider();
        var budget = new ReplayBudget(Options.Create(new FallbackOptions { ReplayShare = 0.5, ReplaysPerSecond = 0 }), clock);
        for (var second = 0; second < 2; second++, clock.Advance(TimeSpan.FromSeconds(1)))
        {
            Parallel.For(0, 4, _ =>
            {
                for (var i = 0; i < Each; i++)
                    budget.CountRequest();
            });
        }

        for (var i = 0; i < 4 * Each; i++)
            Assert.True(budget.TrySpend());
        Assert.False(budget.TrySpend());
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(budget.HasRoom());
        budget.CountRequest();
        Assert.True(budget.TrySpend());
    }

    [Fact]
    public async Task Replays_NothingWasSent_CostNothing()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await calendar.StopAsync();
        await using var gateway = await StartAsync(calendar, legacy, "0", "0");

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.GetAsync("/api/calendar/c1", "ada");
            Assert.Equal(("legacy", "not-sent"), (response.ServedBy(), response.Reason()));
        }
    }

    [Fact]
    public async Task Replays_BudgetSpent_PassTheServicesOwnAnswerOn()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(503, "full");
        await using var gateway = await StartAsync(calendar, legacy, "0", "0");

        using var response = await gateway.GetAsync("/api/calendar/c1", "ada");

        Assert.Equal((503, "calendar", "full"), ((int)response.StatusCode, response.ServedBy(), await response.TextAsync()));
    }

    private static Task<GatewayHarness> StartAsync(StubBackend calendar, StubBackend legacy, string share, string perSecond) =>
        new GatewaySetup(calendar, legacy).Open()
            .Option("Upstream:Circuit:MinimumThroughput", "1000000")
            .Option("Fallback:ReplayShare", share)
            .Option("Fallback:ReplaysPerSecond", perSecond)
            .StartAsync();
}
