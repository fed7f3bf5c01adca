using Gateway.Rollout.Control;
using Harness.Fixtures;

namespace Gateway.Tests.Rollout.Control;

/// <summary>Holds docs/contract.md section 10: the controller moves a ramp by editing one number, and only upward on proof.</summary>
public sealed class RolloutControllerTests
{
    /// <summary>Ticks that take a ramp of 40 faultless users a tick one step on, and not two.</summary>
    private const int Enough = 10;

    [Fact]
    public async Task HealthyCanary_IsRampedToTheEnd_AndTheAuditSaysWhy()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");

        for (var i = 0; i < 200 && rig.Ramp.Phase == RampPhase.Running; i++)
            await rig.TickAsync();

        Assert.Equal((RampPhase.Done, 100), (rig.Ramp.Phase, rig.Percentage));
        Assert.Equal(
            ["ada@desk: start 0 → 1", "controller: step 1 → 5", "controller: step 5 → 100", "controller: done 100 → 100"], rig.Audit);
    }

    [Fact]
    public async Task Step_WaitsForItsBake_HoweverMuchIsProved()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TickAsync(4000, 0, 4000);

        for (var i = 0; i < 4; i++) // The first reading only says where the sums stand.
        {
            await rig.TickAsync(4000, 0, 4000);
            Assert.Equal(1, rig.Percentage);
        }

        await rig.TickAsync(4000, 0, 4000);
        Assert.Equal(5, rig.Percentage);
    }

    [Fact]
    public async Task WorseCanary_IsSentBackAtOnce_WithinTheBake()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TickAsync();

        await rig.TickAsync(failing: 12);

        Assert.Equal((RampPhase.RolledBack, 0), (rig.Ramp.Phase, rig.Percentage));
        Assert.Equal("controller: rollback 1 → 0", rig.Audit[^1]);
        var rollback = rig.Folder.ReadAudit()[^1];
        Assert.Equal("errors: the canary failed 12 of 40 times a user and tick, the control 0 of 40", rollback.Why);
        Assert.Equal((40, 12), (rollback.Numbers["errors"].CanaryUnits, rollback.Numbers["errors"].CanaryFailures));
    }

    [Fact]
    public async Task GatewayThatCannotBeAsked_HoldsBackEveryStepUp_AndNoRollback()
    {
        await using var rig = await ControllerRig.StartAsync(gateways: 2);
        await rig.ActAsync("start");
        await rig.TicksAsync(Enough);
        Assert.Equal(5, rig.Percentage);
        await rig.Gateways[1].StopAsync();

        await rig.TicksAsync(Enough);
        Assert.Equal((RampPhase.Running, 5), (rig.Ramp.Phase, rig.Percentage));
        Assert.Contains("cannot be asked for its evidence", rig.Ramp.Why);

        await rig.TicksAsync(2, failing: 12);
        Assert.Equal((RampPhase.RolledBack, 0), (rig.Ramp.Phase, rig.Percentage));
    }

    [Fact]
    public async Task HandEdit_Wins_AndPausesTheRamp()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(2);
        rig.Config.Cohort("canary")["DefaultRolloutPercentage"] = 33;
        rig.Config.SaveRollout();

        await rig.TicksAsync(Enough);

        Assert.Equal((RampPhase.Paused, true, 33), (rig.Ramp.Phase, rig.Ramp.HeldByPerson, rig.Percentage));
        Assert.Equal("controller: hand-edit 1 → 33", rig.Audit[^1]);

        await rig.ActAsync("resume");
        await rig.TicksAsync(Enough);
        Assert.Equal((RampPhase.Running, 100), (rig.Ramp.Phase, rig.Percentage));
    }

    [Fact]
    public async Task Clock_ThatJumps_HoldsBackStepsUp()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(2);

        rig.Clock.Jump = TimeSpan.FromHours(5);
        await rig.TicksAsync(Enough);
        Assert.Equal(1, rig.Percentage);
        Assert.Contains("the clock has jumped", rig.Ramp.Why);

        await rig.TicksAsync(60);
        Assert.NotEqual(1, rig.Percentage);
    }

    [Fact]
    public async Task File_ThatNobodyMayWrite_IsToldAndMovesNobody_AndTheMoveFollowsWhenItMayBe()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        File.SetAttributes(rig.Folder.RolloutPath, FileAttributes.ReadOnly);

        await rig.TicksAsync(Enough);
        Assert.Equal((RampPhase.Running, 1), (rig.Ramp.Phase, rig.Percentage));
        Assert.Contains("nobody may write it", rig.Ramp.Why);
        Assert.Null(rig.Folder.ReadState().Pending);

        File.SetAttributes(rig.Folder.RolloutPath, FileAttributes.Normal);
        await rig.TickAsync();
        Assert.Equal(5, rig.Percentage);
    }

    [Fact]
    public async Task Restart_GoesOnWithTheEvidence_AndNoTimeThatNobodyWatchedIsBaked()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(4);
        var before = rig.Ramp;

        rig.Restart();
        rig.Clock.Advance(TimeSpan.FromHours(3));
        await rig.TickAsync(0, 0, 0);

        Assert.Equal(before.Gates["errors"].LogSafe, rig.Ramp.Gates["errors"].LogSafe);
        Assert.True(rig.Ramp.Baked <= before.Baked + (2 * ControllerRig.Tick), $"{rig.Ramp.Baked}");
        Assert.Equal(1, rig.Percentage);
    }

    [Fact]
    public async Task GatewayThatRestarts_LosesNothingAndCountsNothingTwice()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TickAsync();
        await rig.TickAsync(); // The first that counts: before it nobody had read this gateway.
        rig.RestartGateway(0);
        await rig.TickAsync();

        Assert.Equal((80, 80), (rig.Ramp.Gates["errors"].Canary.Units, rig.Ramp.Gates["errors"].Others.Units));
    }

    [Fact]
    public async Task FlagThatIsSwitchedOff_PausesTheRamp()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(2);
        await rig.ActAsync("kill", GatewaySetup.CalendarFlag);

        await rig.TicksAsync(Enough);

        Assert.Equal((RampPhase.Paused, 1), (rig.Ramp.Phase, rig.Percentage));
        Assert.Equal($"{GatewaySetup.CalendarFlag} is off: nobody is in the canary", rig.Ramp.Why);
    }

    [Fact]
    public async Task ConfigurationThatIsRefused_MovesNobody()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(2);
        var whole = await File.ReadAllBytesAsync(rig.Folder.RolloutPath);
        await File.WriteAllTextAsync(rig.Folder.RolloutPath, "{ \"Cohorts\": ");

        await Assert.ThrowsAsync<RolloutRefusedException>(() => rig.TicksAsync(1));
        Assert.Equal("{ \"Cohorts\": ", await File.ReadAllTextAsync(rig.Folder.RolloutPath));

        await File.WriteAllBytesAsync(rig.Folder.RolloutPath, whole);
        await rig.TicksAsync(Enough);
        Assert.Equal(5, rig.Percentage);
    }

    /// <summary>No JSON of ours, and JSON of ours with a number that no evidence ever had.</summary>
    [Theory]
    [InlineData("\"phase\":", "\"phase\":7,\"was\":")]
    [InlineData("\"margin\":0.01", "\"margin\":7")]
    public async Task StateThatSomebodyDamaged_MovesNobody_AndStaysAsItIs(string ours, string theirs)
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(2);
        var whole = await File.ReadAllTextAsync(rig.Folder.StatePath);
        Assert.Contains(ours, whole);
        var damaged = whole.Replace(ours, theirs, StringComparison.Ordinal);
        await File.WriteAllTextAsync(rig.Folder.StatePath, damaged);

        var refused = await Assert.ThrowsAsync<RolloutRefusedException>(() => rig.TicksAsync(1));

        Assert.Equal(RolloutRefusal.Unreadable, refused.Refusal);
        Assert.Equal((1, damaged), (rig.Percentage, await File.ReadAllTextAsync(rig.Folder.StatePath)));
    }

    [Fact]
    public async Task FolderWithoutRamps_IsLeftAsItIs()
    {
        await using var rig = await ControllerRig.StartAsync();
        rig.Config.Rollout.Remove("Ramps");
        rig.Config.SaveRollout();

        await rig.TicksAsync(2);

        Assert.False(Directory.Exists(rig.Folder.StateFolder));
        Assert.Empty(rig.Gateways[0].Requests);
    }
}
