using Crash;
using Crash.Faults;

namespace SystemTests.Crash;

/// <summary>A short run of the rig; see docs/crash-rig.md for long ones. Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Replicas_ThatCrashUnderLoad_LoseNothingAcknowledged_AndDoubleNothing()
    {
        var folder = Directory.CreateTempSubdirectory("crash-").FullName;

        var verdict = await CrashRig.RunAsync(new(
            Repository.Program("src/CalendarService", "CalendarService"), folder, Seed: 1, TimeSpan.FromSeconds(12)),
            TestContext.Current.CancellationToken);

        Assert.True(verdict.Findings.Count == 0, $"{verdict}\nLogs and spools: {folder}");
        Directory.Delete(folder, recursive: true);

        // It has to have been a crash, and not an idle one.
        Assert.Equal(Enum.GetValues<FaultKind>(), verdict.Injected.Keys.Order());
        Assert.All(["200", "202", "207"], status => Assert.InRange(verdict.Count("publish", status), 1, int.MaxValue));
    }
}
