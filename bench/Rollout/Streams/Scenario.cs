using System.Runtime.InteropServices;

namespace RolloutBench.Streams;

/// <summary>What one tick brings.</summary>
/// <param name="NewInCanary">Failing users who did not fail before.</param>
/// <param name="NewInControl">The same in the other arm.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Failed(int Canary, int Control, int NewInCanary, int NewInControl);

/// <summary>Draws the ticks of one ramp, one after the other.</summary>
internal delegate Failed TickStream(int tick);

/// <summary>What the canary is like, and how its failures fall.</summary>
/// <param name="HarmfulFrom">The tick from which on the canary is worse; null if it never is, or by less than the margin.</param>
/// <param name="Users">Of an arm, in units of a tick: so many come again and again. Null if all are new.</param>
internal sealed record Scenario(string Name, int? HarmfulFrom, int? Users, Func<Draws, int, TickStream> Start)
{
    public const double Usual = 0.005;
    public const int TicksAMinute = 6;

    private const int LateMinutes = 60;
    private const int Clump = 3;
    private const int Few = 10;

    /// <summary>Nothing is wrong, something is, and at last what evidence takes for granted is not so.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("the same, 0.5 %", null, null, Steady(Usual, Usual)),
        new("1.2 times, 0.6 %", null, null, Steady(1.2 * Usual, Usual)),
        new("bad minutes in both", null, null, StartBadMinutes),
        new("1.5 %", 0, null, Steady(0.015, Usual)),
        new("2 %", 0, null, Steady(0.02, Usual)),
        new("5 %", 0, null, Steady(0.05, Usual)),
        new("20 %", 0, null, Steady(0.2, Usual)),
        new("100 %", 0, null, Steady(1, Usual)),
        new("5 %, users return", 0, Few, (draws, units) => Return(draws, units, 0.05)),
        new("5 % after an hour", LateMinutes * TicksAMinute, null, StartLate),
        new("failures in threes", null, null, StartClumps),
        new("broken accounts", null, Few, StartAccounts),
    ];

    private static Func<Draws, int, TickStream> Steady(double canary, double control) => (draws, units) => _ =>
        Independent(draws.Failures(units, canary), draws.Failures(units, control));

    /// <summary>One minute in twenty 10 % fail, whoever answers.</summary>
    private static TickStream StartBadMinutes(Draws draws, int units)
    {
        var rate = Usual;
        return tick =>
        {
            if (tick % TicksAMinute == 0)
                rate = draws.Happens(0.05) ? 0.1 : Usual;
            return Independent(draws.Failures(units, rate), draws.Failures(units, rate));
        };
    }

    private static TickStream StartLate(Draws draws, int units) => tick => Independent(
        draws.Failures(units, tick < LateMinutes * TicksAMinute ? Usual : 0.05), draws.Failures(units, Usual));

    /// <summary>Whatever makes one user fail makes three fail: a shard, or a user who is counted by three gateways.</summary>
    private static TickStream StartClumps(Draws draws, int units) => _ =>
        Independent(Clump * draws.Failures(units / Clump, Usual), Clump * draws.Failures(units / Clump, Usual));

    /// <summary>Users come again and again, each in one tick of ten on the average, and fail as it happens.</summary>
    private static TickStream Return(Draws draws, int units, double rate)
    {
        var (canary, control) = (new FailingUsers(draws, Few * units), new FailingUsers(draws, Few * units));
        return _ =>
        {
            var (failedCanary, failedControl) = (draws.Failures(units, rate), draws.Failures(units, Usual));
            return new(failedCanary, failedControl, canary.Fail(failedCanary), control.Fail(failedControl));
        };
    }

    /// <summary>
    /// The same users come again and again, and one in two hundred always fails. Which arm has how many of those is decided by
    /// the hash, once.
    /// </summary>
    private static TickStream StartAccounts(Draws draws, int units)
    {
        var (canary, control) = (draws.Failures(Few * units, Usual), draws.Failures(Few * units, Usual));
        var (canaryUsers, controlUsers) = (new FailingUsers(draws, canary), new FailingUsers(draws, control));
        return _ =>
        {
            var failedCanary = Math.Min(units, draws.Failures(canary, 1.0 / Few));
            var failedControl = Math.Min(units, draws.Failures(control, 1.0 / Few));
            return new(failedCanary, failedControl, canaryUsers.Fail(failedCanary), controlUsers.Fail(failedControl));
        };
    }

    /// <summary>Each failure is another user's.</summary>
    private static Failed Independent(int canary, int control) => new(canary, control, canary, control);

    /// <summary>Those of a group who may fail, and who of them have.</summary>
    private sealed class FailingUsers(Draws draws, int users)
    {
        private int _failed;

        /// <summary>How many of these failures are a user's first.</summary>
        public int Fail(int failures)
        {
            var fresh = 0;
            for (var i = 0; i < failures; i++)
                fresh += draws.Happens((double)(users - _failed - fresh) / (users - i)) ? 1 : 0;
            _failed += fresh;
            return fresh;
        }
    }
}
