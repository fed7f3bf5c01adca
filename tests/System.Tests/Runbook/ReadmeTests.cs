using System.Net;
using System.Net.Sockets;
using Harness;
using SystemTests.Fixtures;

namespace SystemTests.Runbook;

/// <summary>The README, typed from its first line to its last in the folder where it says, and the demo that it begins with.</summary>
public sealed class ReadmeTests
{
    private static readonly int[] Ports = [8080, 9901, 8081, 8082];

    [Fact]
    public async Task Readme_EveryCommandInOrder_PrintsWhatItSays_AndLeavesNothingBehind()
    {
        var steps = DocumentStep.Read(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        var before = await Terminal.RunAsync("git status --porcelain");
        Assert.Equal("it keeps running", steps.OfType<Happening>().Single().Name);
        var first = steps.OfType<CommandBlock>().First();
        await using var demo = Terminal.Start(first.Script, Repository.Root);
        await Terminal.PrintsAsync(demo, first);

        foreach (var block in steps.OfType<CommandBlock>().Skip(1).Where(block => block.NotRun is null))
        {
            var (code, printed) = await Terminal.RunAsync(block.Script);
            Assert.True(
                code == 0 && block.Fault(printed) is null,
                $"README.md, line {block.Line}:\n{block.Script}\n\nexit {code}\n{block.Fault(printed)}\n{string.Join('\n', demo.Output)}");
        }

        await AssertTourIsTheReadmesAsync(steps, demo);
        await AssertSecondDemoChangesNothingAsync();

        await Terminal.PressCtrlCAsync(demo);
        Assert.Equal(0, await demo.ExitAsync());
        Assert.All(Ports, port => Assert.Throws<SocketException>(() => new TcpClient("127.0.0.1", port).Dispose()));
        Assert.Equal(before, await Terminal.RunAsync("git status --porcelain"));
        Assert.InRange(steps.OfType<CommandBlock>().Count(block => block.NotRun is not null), 0, 2); // Each says why.
    }

    /// <summary>Four sentences, one a port, with who is in the way; what an earlier demo left is still there.</summary>
    [Fact]
    public async Task Demo_PortsTaken_NamesEachAndWhoHasIt_AndTouchesNothing()
    {
        var left = Path.Combine(Repository.Root, "artifacts", "demo", "left-by-another");
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllTextAsync(left, "");
        var taken = Ports.Select(port => new TcpListener(IPAddress.Loopback, port)).ToList();
        try
        {
            taken.ForEach(listener => listener.Start());

            await using var demo = ProgramProcess.Start("dotnet", [Repository.Program("demo", "demo")]);

            Assert.Equal(1, await demo.ExitAsync());
            Assert.Empty(demo.Output);
            var said = demo.Errors.Split('\n');
            Assert.Equal(Ports.Select(port => $"Port {port}"), said.Select(line => line[..line.IndexOf(',', StringComparison.Ordinal)]));
            Assert.All(said, line => Assert.Contains($"taken by process {Environment.ProcessId} (", line, StringComparison.Ordinal));
            Assert.True(File.Exists(left));
        }
        finally
        {
            taken.ForEach(listener => listener.Dispose());
            File.Delete(left);
        }
    }

    /// <summary>Killed without a word, it takes its programs with it.</summary>
    [Fact]
    public async Task Demo_Killed_LeavesNoProgramBehindThatWouldBeInTheWayOfTheNext()
    {
        await using var demo = ProgramProcess.Start("dotnet", [Repository.Program("demo", "demo")]);
        await Terminal.PrintsAsync(demo, new CommandBlock(0, "", ["…", "Running. …", "…"], Repeat: true, NotRun: null));

        await demo.KillAsync();

        await Eventually.TrueAsync("all four ports are free", () => Array.TrueForAll(Ports, IsFree));
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>What the demo prints to be pasted is what the README has, with paths that lead there from any folder.</summary>
    private static async Task AssertTourIsTheReadmesAsync(IReadOnlyList<DocumentStep> steps, ProgramProcess demo)
    {
        var printed = string.Join('\n', demo.Output).Split("\n\n").Where(part => char.IsAsciiDigit(part.TrimStart()[0]))
            .Select(part => part[(part.IndexOf('\n') + 1)..]).ToArray();

        Assert.Equal(steps.OfType<CommandBlock>().Skip(2).Take(6).Select(block => block.Script), printed.Select(Shortened));
        var (code, elsewhere) = await Terminal.RunAsync($"cd /; {printed[1]}");
        Assert.True(code == 0 && elsewhere.Contains("X-Served-By: calendar", StringComparison.Ordinal), elsewhere);

        static string Shortened(string script) => script.Replace(Repository.Root + "/", "", StringComparison.Ordinal);
    }

    /// <summary>Typed somewhere else, with a path, while the first one runs.</summary>
    private static async Task AssertSecondDemoChangesNothingAsync()
    {
        var files = Files();

        await using var second = Terminal.Start($"dotnet run --project '{Path.Combine(Repository.Root, "demo")}'", Path.GetTempPath());

        Assert.Equal(1, await second.EndAsync());
        var process = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "artifacts", "demo", "demo.pid"));
        Assert.Contains(
            $"Another demo of this checkout is running as process {process}; stop it with Ctrl-C in its terminal.", second.Errors,
            StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Errors, StringComparison.Ordinal);
        Assert.Equal(files, Files());

        static string[] Files() =>
        [
            .. Directory.GetFiles(Path.Combine(Repository.Root, "artifacts", "demo"), "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".log", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
    }
}
