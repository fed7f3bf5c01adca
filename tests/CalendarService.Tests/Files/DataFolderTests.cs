using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness;
using ServiceDefaults.Options;

namespace CalendarService.Tests.Files;

/// <summary>Holds docs/contract.md section 1: the data folder.</summary>
public sealed class DataFolderTests(Databases databases) : IDisposable
{
    /// <summary>Nobody is there: a start is refused, or not, before a database is asked.</summary>
    private const string Elsewhere = "postgresql://ada:hunter22@127.0.0.1:9/calendar";

    private readonly string _folder = Directory.CreateTempSubdirectory("data-folder-").FullName;

    [Theory]
    [InlineData("file", "file", "a file is in its place")]
    [InlineData("file/below", "file/below", "")]
    [InlineData("spooled", "spooled/spool", "a file is in its place")]
    [InlineData("dangling", "dangling", "")]
    [InlineData("/proc/nowhere", "/proc/nowhere", "")]
    [InlineData("/proc/self/fd", "/proc/self/fd", "")]
    [InlineData("/dev/null", "/dev/null", "a file is in its place")]
    [InlineData("/sys/kernel/data", "/sys/kernel/data", "")]
    public void Start_WithAFolderThatCannotBeUsed_IsRefusedWithFolderAndReason(string data, string named, string reason)
    {
        Lay();
        foreach (var database in (string[])[Elsewhere, ""])
        {
            var fault = Assert.Single(
                FaultsOf($"--CALENDAR_DATA_DIR={Path.Combine(_folder, data)}", $"--ConnectionStrings:Calendar={database}"));

            var told = $"CALENDAR_DATA_DIR: \"{Path.Combine(_folder, named)}\", "
                + "expected a folder in which files can be created, written and synced: ";
            Assert.StartsWith(told + reason, fault, StringComparison.Ordinal);
            Assert.True(fault.Length > told.Length, fault);
        }
    }

    [Theory]
    [InlineData("/proc/nowhere/calendar.db")]
    [InlineData("file/calendar.db")]
    public void Start_WithTheEmbeddedDatabaseWhereNothingCanBeWritten_IsRefused(string file)
    {
        Lay();
        var fault = Assert.Single(FaultsOf(
            $"--CALENDAR_DATA_DIR={_folder}", $"--ConnectionStrings:Calendar=Data Source={Path.Combine(_folder, file)}"));

        Assert.StartsWith("ConnectionStrings:Calendar: \"(hidden)\", expected a folder in which", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("calendar.db", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithAnUnusableFolderAndOtherFaults_TellsAllAtOnce()
    {
        Lay();
        var faults = FaultsOf($"--CALENDAR_DATA_DIR={_folder}/file", "--Stream:KeepAlive=soon", "--Spool:ProbeInterval=0");

        Assert.Equal(3, faults.Count);
    }

    [Fact]
    public async Task Folder_BreaksAndIsMendedWhileTheServiceRuns_IsShownAndLoggedOnce()
    {
        var (log, data) = (new LogLines(), Path.Combine(_folder, "made", "with", "its", "parents"));
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), log, $"CALENDAR_DATA_DIR={data}", "Spool:ProbeInterval=00:00:00.020");
        Assert.Equal(["spool"], Directory.EnumerateFileSystemEntries(data).Select(Path.GetFileName).Where(name => name![0] != '.'));
        await ShownAsync(service, "1", null);

        await ReplaceByFileAsync(Path.Combine(data, "spool"));
        await ShownAsync(service, "0", $"{data}/spool: a file is in its place");
        await ShownAsync(service, "0", $"{data}/spool: a file is in its place");
        File.Delete(Path.Combine(data, "spool"));
        await ShownAsync(service, "1", null);

        string[] told = [.. log.All.Where(line => line.Contains("data folder", StringComparison.Ordinal)).Select(line => line.TrimEnd())];
        Assert.Equal(
            $"Error: The data folder {data}/spool cannot be used: a file is in its place. "
                + "While the database is away, no publish can be kept",
            Assert.Single(told, line => line.Contains("a file is in its place", StringComparison.Ordinal)));
        Assert.Equal($"Information: The data folder {data} can be used again", told[^1]);
    }

    /// <summary>Real disks, in a mount namespace of this test's own: one without room, one that is read-only.</summary>
    [Fact]
    public async Task Disk_FullOrReadOnly_IsRefusedUnlessOnlyTheSpoolIsOnItAndItIsFull()
    {
        var script = $"""
            cd '{_folder}'; mkdir full readonly
            mount -t tmpfs -o size=8k tmpfs full && mount -t tmpfs -o ro tmpfs readonly
            head -c 8192 /dev/zero > full/filler
            CALENDAR_DATA_DIR=readonly ConnectionStrings__Calendar={Elsewhere} dotnet "$0" check 2>&1; echo "exit $?"
            CALENDAR_DATA_DIR=full dotnet "$0" check 2>&1; echo "exit $?"
            CALENDAR_DATA_DIR=full ConnectionStrings__Calendar={Elsewhere} dotnet "$0" check 2>&1; echo "exit $?"
            """;
        var start = new ProcessStartInfo(
            "unshare",
            ["--user", "--map-root-user", "--mount", "bash", "-c", script, Path.Combine(AppContext.BaseDirectory, "CalendarService.dll")])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).TrimEnd().Split('\n');

        Assert.Equal(
            [
                "The calendar service cannot start:",
                $"  CALENDAR_DATA_DIR: \"{_folder}/readonly\", expected a folder in which files can be created, written and synced: "
                    + "read-only file system",
                "exit 1",
                "The calendar service cannot start:",
                $"  CALENDAR_DATA_DIR: \"{_folder}/full\", expected a folder in which files can be created, written and synced: "
                    + "no space left on device",
                "exit 1",
                $"settings and data folder {_folder}/full: valid",
                $"warning: {_folder}/full: no space left on device; while the database is away, no publish could be kept",
                "warning: the database does not answer: connection refused; the service would start and wait for it",
                "listens on http://127.0.0.1:8081",
                "exit 0",
            ],
            lines);
    }

    [Fact]
    public async Task Check_BeforeAStart_SaysWhatItWouldSayAndLeavesNothing()
    {
        using var output = new StringWriter();
        var data = Path.Combine(_folder, "data");
        var database = await databases.NewAsync("postgres");

        await StartCheck.RunAsync(
            [$"--CALENDAR_DATA_DIR={data}", $"--ConnectionStrings:Calendar={database}", "--urls=http://+:80"], output);
        var refused = await Record.ExceptionAsync(() => StartCheck.RunAsync(["--Stream:KeepAlive=soon"], output));

        Assert.Equal($"settings and data folder {data}: valid\nlistens on http://+:80\n", output.ToString());
        Assert.Single(refused!.FindOptionFaults()!);
        Assert.False(Directory.Exists(data));
    }

    /// <summary>The service looks at it meanwhile, and makes it again.</summary>
    internal static Task ReplaceByFileAsync(string folder) => Eventually.TrueAsync($"a file is in the place of {folder}", async () =>
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            await File.WriteAllTextAsync(folder, "");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IReadOnlyList<string> FaultsOf(params string[] settings) =>
        Assert.ThrowsAny<Exception>(() => Program.Build(settings)).FindOptionFaults()!;

    private static Task ShownAsync(ServiceHarness service, string gauge, string? problem) => Eventually.TrueAsync(
        $"the folder's problem is {problem ?? "none"}", async () =>
            (await service.GetAsync("/metrics")).Text.Contains($"calendar_data_folder_writable {gauge}\n", StringComparison.Ordinal)
            && (string?)JsonNode.Parse((await service.GetAsync("/readyz")).Text)!["dataFolderProblem"] == problem);

    private void Lay()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "spooled")).FullName, "spool"), "");
        File.CreateSymbolicLink(Path.Combine(_folder, "dangling"), "/nowhere/at/all");
    }
}
