using Gateway.Rollout.Control;

namespace Gateway.Tests.Rollout.Control;

/// <summary>Holds docs/contract.md section 10: what people may do, and what is refused.</summary>
public sealed class RolloutActionsTests
{
    [Fact]
    public async Task Actions_DoWhatTheyAreCalled()
    {
        await using var rig = await ControllerRig.StartAsync();

        await rig.ActAsync("start");
        await rig.ActAsync("skip");
        await rig.ActAsync("pause", reason: null);
        await rig.ActAsync("resume");
        await rig.ActAsync("set", percentage: 12.5);
        Assert.Equal((RampPhase.Paused, 12.5), (rig.Ramp.Phase, rig.Percentage));
        await rig.ActAsync("abort");
        Assert.Equal((RampPhase.Idle, 0), (rig.Ramp.Phase, rig.Percentage));
        await rig.ActAsync("kill", GatewaySetup.PublishFlag);
        await rig.ActAsync("enable", GatewaySetup.PublishFlag);

        Assert.Equal(
            [
                "ada@desk: start 0 → 1", "ada@desk: skip 1 → 5", "ada@desk: pause 5 → 5", "ada@desk: resume 5 → 5", "ada@desk: set 5 → 12.5",
                "ada@desk: abort 12.5 → 0", "ada@desk: kill true → false", "ada@desk: enable false → true",
            ],
            rig.Audit);
    }

    [Theory]
    [InlineData("start", "nobody", null, "a reason", "Unknown", "There is no cohort nobody; there is canary.")]
    [InlineData("kill", "NO_FLAG", null, "a reason", "Unknown", "There is no flag NO_FLAG")]
    [InlineData("undo", "0000", null, "a reason", "Unknown", "The audit has no event 0000.")]
    [InlineData("pause", "canary", null, "a reason", "Illegal", "The ramp of canary is idle: it cannot pause; start begins it.")]
    [InlineData("set", "canary", 101.0, "a reason", "Illegal", "set takes a percentage from 0 to 100.")]
    [InlineData("set", "canary", double.NaN, "a reason", "Illegal", "set takes a percentage from 0 to 100.")]
    [InlineData("set", "canary", null, "a reason", "Illegal", "set takes a percentage from 0 to 100.")]
    [InlineData("set", "canary", 5.0, " ", "Illegal", "set moves users: it takes a reason.")]
    [InlineData("start", "canary", null, null, "Illegal", "start moves users: it takes a reason.")]
    [InlineData("enable", "CALENDAR_SERVICE_ENABLED", null, "a reason", "Illegal", "CALENDAR_SERVICE_ENABLED is on in the file already.")]
    public async Task Action_ThatMakesNoSense_IsRefused_AndChangesNothing(
        string verb, string subject, double? percentage, string? reason, string refusal, string message)
    {
        await using var rig = await ControllerRig.StartAsync();
        var before = await File.ReadAllBytesAsync(rig.Folder.RolloutPath);

        var refused = await Assert.ThrowsAsync<RolloutRefusedException>(() => rig.ActAsync(verb, subject, percentage, reason));

        Assert.Equal(refusal, refused.Refusal.ToString());
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(rig.Folder.RolloutPath));
        Assert.Empty(rig.Audit);
    }

    [Fact]
    public async Task Action_OnFilesThatSomebodyChanged_IsRefused()
    {
        await using var rig = await ControllerRig.StartAsync();

        var refused = await Assert.ThrowsAsync<RolloutRefusedException>(() => rig.ActAsync("start", revision: "0123456789ab"));

        Assert.Equal(RolloutRefusal.Conflict, refused.Refusal);
    }

    [Fact]
    public async Task Undo_PutsBackWhatAnEventChanged_UnlessSomethingCameAfterIt()
    {
        await using var rig = await ControllerRig.StartAsync();
        var first = await rig.ActAsync("set", percentage: 5);
        var second = await rig.ActAsync("set", percentage: 10);

        var refused = await Assert.ThrowsAsync<RolloutRefusedException>(() => rig.ActAsync("undo", first.Id));
        Assert.Equal(RolloutRefusal.Conflict, refused.Refusal);

        var undone = await rig.ActAsync("undo", second.Id);
        Assert.Equal((5, "ada@desk: undo 10 → 5"), (rig.Percentage, rig.Audit[^1]));
        await rig.ActAsync("undo", undone.Id);
        Assert.Equal(10, rig.Percentage);

        var kill = await rig.ActAsync("kill", GatewaySetup.CalendarFlag);
        await rig.ActAsync("undo", kill.Id);
        Assert.Equal("ada@desk: undo false → true", rig.Audit[^1]);
    }

    [Fact]
    public async Task Start_OfARampThatPeopleBegan_BeginsWhereTheyAre_WithNoEvidenceOfBefore()
    {
        await using var rig = await ControllerRig.StartAsync();
        await rig.ActAsync("start");
        await rig.TicksAsync(3);
        await rig.ActAsync("abort");
        await rig.ActAsync("set", percentage: 7);

        await rig.ActAsync("start");

        Assert.Equal((RampPhase.Running, 7), (rig.Ramp.Phase, rig.Percentage));
        Assert.Empty(rig.Ramp.Gates);
    }

    /// <summary>What a kill leaves behind: the state says what was to be done, and the file perhaps not yet.</summary>
    [Theory]
    [InlineData("start", null, "nothing", 0.0, false)]
    [InlineData("start", null, "file", 1.0, true)]
    [InlineData("set", 5.0, "nothing", 0.0, false)]
    [InlineData("set", 5.0, "file", 5.0, true)]
    [InlineData("set", 5.0, "audit", 5.0, true)]
    [InlineData("abort", null, "nothing", 0.0, true)]
    [InlineData("abort", null, "file", 0.0, true)]
    public async Task PendingTransition_IsFinishedByWhoeverComesNext_ButNobodyIsMovedUpward(
        string verb, double? percentage, string written, double expected, bool isDone)
    {
        await using var rig = await ControllerRig.StartAsync();
        if (verb == "abort")
            await rig.ActAsync("start");
        var (before, from) = (rig.Folder.ReadState(), await File.ReadAllBytesAsync(rig.Folder.RolloutPath));
        var audited = rig.Audit.Count;
        var done = await rig.ActAsync(verb, percentage: percentage);
        var after = rig.Folder.ReadState();
        rig.Folder.WriteState(after with { Pending = done with { RevisionAfter = done.RevisionBefore } });
        if (written == "nothing")
            await File.WriteAllBytesAsync(rig.Folder.RolloutPath, from);
        if (written != "audit")
            await File.WriteAllLinesAsync(rig.Folder.AuditPath, (await File.ReadAllLinesAsync(rig.Folder.AuditPath))[..audited]);

        await rig.TickAsync(0, 0, 0);

        Assert.Equal(expected, rig.Percentage);
        Assert.Null(rig.Folder.ReadState().Pending);
        Assert.Equal(isDone ? audited + 1 : audited, rig.Audit.Count);
        Assert.Equal(rig.Percentage, rig.Ramp.Percentage);
        if (verb == "start")
            Assert.Equal(isDone ? RampPhase.Running : RampPhase.Idle, rig.Ramp.Phase);
        Assert.NotSame(before, after);
    }
}
