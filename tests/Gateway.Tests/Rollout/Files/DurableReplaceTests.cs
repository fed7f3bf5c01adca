using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Gateway.Rollout.Files;

namespace Gateway.Tests.Rollout.Files;

/// <summary>Holds docs/contract.md section 10: a file that people edit too is replaced as a whole, as it was, or not at all.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DurableReplaceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("durable-replace-").FullName;

    private string Target => Path.Combine(_folder, "rollout.json");

    [Theory]
    [InlineData(0b110_110_100)]
    [InlineData(0b110_000_000)]
    [InlineData(0b110_110_110)]
    public void Replace_AFile_KeepsItsModeAndLeavesNothingElse(int mode)
    {
        File.WriteAllText(Target, "before");
        File.SetUnixFileMode(Target, (UnixFileMode)mode);

        var result = Replace(Target, "before", "after");

        Assert.Equal(new ReplaceResult(ReplaceOutcome.Replaced), result);
        Assert.Equal(("after", (UnixFileMode)mode), (File.ReadAllText(Target), File.GetUnixFileMode(Target)));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Replace_AFileOfSomebodyElse_KeepsItsOwnerWhereItMay()
    {
        File.WriteAllText(Target, "before");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may give files away");
        Run("chown", "12345:23456", Target);

        Assert.Equal(ReplaceOutcome.Replaced, Replace(Target, "before", "after").Outcome);

        Assert.Equal("12345:23456", Run("stat", "-c", "%u:%g", Target));
    }

    [Fact]
    public void Replace_ThroughLinks_ReplacesWhatTheyLeadTo()
    {
        var real = Path.Combine(_folder, "..data", "rollout.json");
        Directory.CreateDirectory(Path.Combine(_folder, "v1"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "v1");
        File.WriteAllText(real, "before");
        File.CreateSymbolicLink(Path.Combine(_folder, "middle"), "..data/rollout.json");
        File.CreateSymbolicLink(Target, "middle");

        Assert.Equal(ReplaceOutcome.Replaced, Replace(Target, "before", "after").Outcome);

        Assert.Equal(("middle", "..data/rollout.json"), (new FileInfo(Target).LinkTarget, new FileInfo(Path.Combine(_folder, "middle")).LinkTarget));
        Assert.Equal("after", File.ReadAllText(Path.Combine(_folder, "v1", "rollout.json")));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "v1")));
    }

    [Fact]
    public void Replace_OfWhatSomebodyElseChanged_LeavesTheirs()
    {
        File.WriteAllText(Target, "theirs");

        Assert.Equal(new ReplaceResult(ReplaceOutcome.ChangedMeanwhile, "somebody else has changed it"), Replace(Target, "before", "after"));

        Assert.Equal("theirs", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("rollout.json")]
    [InlineData("nowhere/rollout.json")]
    public void Replace_OfWhatIsGone_MakesNothing(string name)
    {
        Assert.Equal(new ReplaceResult(ReplaceOutcome.ChangedMeanwhile, "it is gone"), Replace(Path.Combine(_folder, name), "before", "after"));

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Replace_OfAReadOnlyFile_IsRefused()
    {
        File.WriteAllText(Target, "before");
        File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        Assert.Equal(new ReplaceResult(ReplaceOutcome.ReadOnly, "nobody may write it"), Replace(Target, "before", "after"));

        Assert.Equal("before", File.ReadAllText(Target));
    }

    [Fact]
    public void Replace_WhereAKilledProcessLeftFiles_RemovesThoseThatAreOld()
    {
        File.WriteAllText(Target, "before");
        foreach (var (name, age) in ((string, int)[])[(".rollout.json.old.tmp", 11), (".rollout.json.young.tmp", 9), (".other.json.old.tmp", 11)])
        {
            File.WriteAllText(Path.Combine(_folder, name), "");
            File.SetLastWriteTimeUtc(Path.Combine(_folder, name), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-age));
        }

        Assert.Equal(ReplaceOutcome.Replaced, Replace(Target, "before", "after").Outcome);

        Assert.Equal(
            [".other.json.old.tmp", ".rollout.json.young.tmp", "rollout.json"],
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>Real disks, in a mount namespace that lives as long as its process and is looked into from here.</summary>
    [Fact]
    public async Task Replace_OnADiskThatCannot_SaysWhyAndLeavesTheFile()
    {
        var script = $"""
            cd '{_folder}'; mkdir full readonly
            mount -t tmpfs -o size=8k tmpfs full && mount -t tmpfs tmpfs readonly
            echo -n before | tee full/rollout.json > readonly/rollout.json; mount -o remount,ro readonly
            head -c 8192 /dev/zero > full/filler 2>&-; echo $$; read
            """;
        var start = new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "bash", "-c", script])
        {
            RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        using var disks = Process.Start(start)!;
        var there = $"/proc/{await disks.StandardOutput.ReadLineAsync()}/root{_folder}";
        try
        {
            Assert.Equal(
                [new(ReplaceOutcome.NoSpace, "no space left on device"), new(ReplaceOutcome.ReadOnly, "read-only file system")],
                ((string[])["full", "readonly"]).Select(disk => Replace($"{there}/{disk}/rollout.json", "before", new('x', 5000))));
            foreach (var disk in (string[])["full", "readonly"])
            {
                Assert.Equal("before", await File.ReadAllTextAsync($"{there}/{disk}/rollout.json"));
                Assert.DoesNotContain(Directory.GetFiles($"{there}/{disk}"), file => file.EndsWith(".tmp", StringComparison.Ordinal));
            }
        }
        finally
        {
            disks.StandardInput.Close();
            await disks.WaitForExitAsync();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ReplaceResult Replace(string path, string expected, string content) =>
        DurableReplace.Replace(path, Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(content), TimeProvider.System);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
