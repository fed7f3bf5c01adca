using Gateway.Rollout.Files;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Rollout.Files;

/// <summary>Never two at once on one folder; who was killed holds nothing, since the lock is the system's and not the file's.</summary>
public sealed class FolderLockTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 26, 20, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("folder-lock-").FullName;

    private string LockFile => Path.Combine(_folder, "lock");

    [Fact]
    public void Lock_ThatIsHeld_IsNotHadTwiceAndSaysByWhom()
    {
        using var first = FolderLock.TryTake(LockFile, _clock).Lock!;
        _clock.Advance(TimeSpan.FromHours(1));

        var second = FolderLock.TryTake(LockFile, _clock);

        Assert.True(first.IsOurs());
        Assert.Null(second.Lock);
        Assert.Equal(
            $"process {Environment.ProcessId} on {Environment.MachineName}, since 2026-11-26 20:00:00Z has it", second.Detail);
    }

    [Fact]
    public void Lock_GivenUp_IsTheNextOnes()
    {
        FolderLock.TryTake(LockFile, _clock).Lock!.Dispose();
        File.AppendAllText(LockFile, "what a longer name left\n");

        using (var next = FolderLock.TryTake(LockFile, _clock).Lock!)
            Assert.True(next.IsOurs());

        Assert.Single(File.ReadAllLines(LockFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    public void Lock_WhoseHolderCannotBeRead_IsHeldAllTheSame(string content)
    {
        using var first = FolderLock.TryTake(LockFile, _clock).Lock!;
        File.WriteAllText(Path.Combine(_folder, "other"), content);
        using var other = new FileStream(Path.Combine(_folder, "other"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        Assert.Equal("another process has it", FolderLock.TryTake(Path.Combine(_folder, "other"), _clock).Detail);
    }

    [Fact]
    public void Lock_WhoseFileSomebodyDeletes_IsNoLongerOurs()
    {
        using var first = FolderLock.TryTake(LockFile, _clock).Lock!;
        File.Delete(LockFile);
        Assert.False(first.IsOurs());

        _clock.Advance(TimeSpan.FromSeconds(1));
        using var second = FolderLock.TryTake(LockFile, _clock).Lock!;

        Assert.False(first.IsOurs());
        Assert.True(second.IsOurs());
    }

    [Theory]
    [InlineData("nowhere/lock", "it cannot be made there")]
    [InlineData(".", "permission denied")]
    public void Lock_ThatCannotBeMade_SaysWhy(string path, string why) =>
        Assert.Equal(new LockAttempt(null, Detail: why), FolderLock.TryTake(Path.Combine(_folder, path), _clock));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
