using Gateway.Upstream;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Upstream;

/// <summary>The circuit by its clock. Holds docs/contract.md section 3: a trial that hangs or whose client leaves decides nothing.</summary>
public sealed class CircuitStateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<CircuitState> _moves = [];
    private readonly Circuit _circuit;

    public CircuitStateTests() => _circuit = new(
        new CircuitOptions { MinimumThroughput = 4, FailureRatio = 0.5, Trials = 2, TrialPatience = Patience },
        _clock,
        (state, _) => _moves.Add(state));

    [Theory]
    [InlineData("bbbb", true)]
    [InlineData("bbb", false)] // Too few.
    [InlineData("ggbb", true)]
    [InlineData("gggbb", false)]
    [InlineData("bbb..........", false)] // Nobody's failure.
    [InlineData("bbb         b", true)] // A space is a second.
    [InlineData("bbb           b", false)] // Beyond the sampling time.
    public void Closed_Outcomes_OpenItByRatio(string outcomes, bool opens)
    {
        Run(outcomes);

        Assert.Equal(opens ? CircuitState.Open : CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Closed_GoodAnswersOfManyThreads_AreAllCounted()
    {
        const int Each = 20_000;
        Run("g"); // The slot has begun.
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < Each; i++)
                Run("g");
        });

        for (var i = 0; i < 4 * Each; i++)
            Run("b");
        Assert.Equal(CircuitState.Closed, _circuit.State); // One short of half.
        Run("b");
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public void Open_BreakIsOver_LetsAFewTryAndTheFirstAnswerCloses()
    {
        Open();
        Assert.True(_circuit.Blocks);
        Assert.False(_circuit.TryEnter(out _));
        AfterBreak();
        Assert.Equal((CircuitState.HalfOpen, false), (_circuit.State, _circuit.Blocks));

        Assert.True(_circuit.TryEnter(out var hanging));
        Assert.True(_circuit.TryEnter(out var answered));
        Assert.False(_circuit.TryEnter(out _));
        Assert.True(_circuit.Blocks);
        _circuit.Leave(answered, Verdict.Good);

        Assert.Equal(CircuitState.Closed, _circuit.State);
        _circuit.Leave(hanging, Verdict.Bad); // It was sent before: it says nothing of now.
        Assert.Equal([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed], _moves);
        Assert.NotNull(_circuit.ClosedAgainAt);
    }

    [Fact]
    public void Trial_Fails_OpensForAnotherBreak()
    {
        Open();
        AfterBreak();
        Assert.True(_circuit.TryEnter(out var trial));
        _circuit.Leave(trial, Verdict.Bad);

        Assert.Equal((CircuitState.Open, true), (_circuit.State, _circuit.Blocks));
        AfterBreak();
        Assert.True(_circuit.TryEnter(out _));
    }

    [Fact]
    public void Trial_ClientLeaves_DecidesNothingAndGivesItsPlaceBack()
    {
        Open();
        AfterBreak();
        for (var i = 0; i < 10; i++)
        {
            Assert.True(_circuit.TryEnter(out var trial));
            _circuit.Leave(trial, Verdict.Nothing);
            Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        }
    }

    [Fact]
    public void Trial_Hangs_KeepsItsPlaceForAWhileOnly()
    {
        Open();
        AfterBreak();
        Assert.True(_circuit.TryEnter(out var first));
        Assert.True(_circuit.TryEnter(out _));
        Assert.True(_circuit.Blocks);
        _clock.Advance(Patience);

        Assert.False(_circuit.Blocks);
        Assert.True(_circuit.TryEnter(out _));
        _circuit.Leave(first, Verdict.Good); // Late, and still an answer.
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Pass_WithoutOne_CountsNothing()
    {
        Open();
        _circuit.Leave(default, Verdict.Good);

        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    private void Open() => Run("bbbb");

    private void AfterBreak() => _clock.Advance(TimeSpan.FromSeconds(5));

    private void Run(string outcomes)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome == ' ')
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                continue;
            }

            Assert.True(_circuit.TryEnter(out var pass));
            _circuit.Leave(pass, outcome switch { 'g' => Verdict.Good, 'b' => Verdict.Bad, _ => Verdict.Nothing });
        }
    }
}
