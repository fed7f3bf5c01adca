using Costs;

namespace Gateway.Tests.Budgets;

/// <summary>
/// What one exchange may cost the gateway, with everything on: counts, no times, so that a change that adds to them fails on any machine.
/// How each is counted, and why no other is: bench/README.md.
/// </summary>
public sealed class ExchangeBudgetTests(CountedExchanges counted) : IClassFixture<CountedExchanges>
{
    /// <summary>The numbers to change. Lower them with every saving; whoever raises one says in bench/README.md what it is for.</summary>
    private static readonly Cost[] Budgets =
    [
        //                  Bytes  Activities  Scopes  WorkItems  ToClient  ToBackend  FileReads
        new("get",           5336,          0,      0,         4,        1,         1,         0),
        new("get-outside",   5488,          0,      0,         4,        1,         1,         0),
        new("get-traced",    5336,          0,      0,         4,        1,         1,         0),
        new("post",          8784,          0,      0,         4,        1,         1,         0),
        new("event",          176,          0,      0,         2,        1,         0,         0),
    ];

    /// <summary>
    /// Less than the smallest object, which has 24 bytes. On a busy machine one exchange of a batch of eight may find no pooled object for
    /// its wait: 144 bytes, 18 for each of the eight.
    /// </summary>
    private const double Slack = 23;

    /// <summary>A probe that ran beside all batches adds one to the eight exchanges of one; what each exchange does adds a whole one.</summary>
    private const double ProbesSlack = 0.5;

    public static TheoryData<string> Cases => [.. Budgets.Select(budget => budget.Case)];

    [Fact]
    public void Cases_HaveABudgetEach() => Assert.Equal(CountedTraffic.Cases.Keys.Order(), Budgets.Select(budget => budget.Case).Order());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Exchange_CostsNoMoreThanItsBudget(string name)
    {
        Assert.SkipUnless(CountedExchanges.AreOptimized, "Budgets are of a Release build.");
        var budget = Budgets.Single(b => b.Case == name);
        var cost = (await counted.Costs)[name];

        var excesses = FindExcesses(cost, budget).ToArray();
        if (excesses.Length > 0)
        {
            Assert.Fail(
                $"{name}: {string.Join(", ", excesses)}.\n"
                + $"`bench/allocations {name}` says who allocates what, here and in the commit before. If it has to be, raise the\n"
                + $"number in {nameof(ExchangeBudgetTests)} and say in bench/README.md, \"What an exchange may cost\", what it is for.\n"
                + "Sampled now:\n"
                + await CountedExchanges.SampleTypesAsync(name));
        }

        if (cost.Bytes < budget.Bytes - Slack)
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {cost.Bytes} bytes; its budget of {budget.Bytes} can be lowered");
    }

    private static IEnumerable<string> FindExcesses(Cost cost, Cost budget)
    {
        (string What, double Counted, double Budget, double Slack)[] counts =
        [
            ("bytes allocated", cost.Bytes, budget.Bytes, Slack),
            ("activities started", cost.Activities, budget.Activities, 0),
            ("logging scopes opened", cost.Scopes, budget.Scopes, 0),
            ("work items of the thread pool", cost.WorkItems, budget.WorkItems, ProbesSlack),
            ("segments sent to the client", cost.ToClient, budget.ToClient, ProbesSlack),
            ("segments sent to the backend", cost.ToBackend, budget.ToBackend, ProbesSlack),
            ("reads of files", cost.FileReads, budget.FileReads, ProbesSlack),
        ];
        return counts.Where(c => c.Counted > c.Budget + c.Slack).Select(c => $"{c.Counted} {c.What} of {c.Budget} budgeted");
    }
}
