using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Snapshots;

namespace Gateway.Tests.Snapshots;

/// <summary>Whatever stands in a file's place: it is told, nothing throws, and nothing waits.</summary>
public sealed class ConfigBytesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-bytes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("true", null, "a readable file in ")]
    [InlineData("mkdir rollout.json", "a folder", "a file")]
    [InlineData("ln -s nowhere.json rollout.json", "a link to nowhere.json", "a link that leads to a file")]
    [InlineData("ln -s rollout.json rollout.json", "unreadable", "a readable file: ")]
    [InlineData("truncate -s 17M rollout.json", "17825792 bytes", "a file of at most 16777216 bytes")]
    public async Task File_ThatCannotBeRead_IsAFinding(string script, string? value, string expected)
    {
        await ShellAsync(script);

        var findings = new List<ConfigFinding>();
        Assert.Null(ConfigBytes.Read(_folder, "rollout.json", findings));

        var finding = Assert.Single(findings);
        Assert.Equal(("rollout.json", value), (finding.File, finding.Value));
        Assert.StartsWith(expected, finding.Expected, StringComparison.Ordinal);
    }

    /// <summary>To open a pipe is to wait for somebody who writes; a device has no end.</summary>
    [Theory]
    [InlineData("mkfifo rollout.json")]
    [InlineData("ln -s /dev/zero rollout.json")]
    [InlineData("touch rollout.json")]
    public async Task File_WithoutContent_IsEmpty(string script)
    {
        await ShellAsync(script);

        Assert.Empty(ConfigBytes.Read(_folder, "rollout.json", [])!);
    }

    [Fact]
    public async Task File_BehindLinks_IsRead()
    {
        await ShellAsync("mkdir v1; echo '{}' > v1/rollout.json; ln -s v1 data; ln -s data/rollout.json rollout.json");

        Assert.Equal("{}\n"u8.ToArray(), ConfigBytes.Read(_folder, "rollout.json", []));
    }

    /// <summary>Saved under another user's umask: who asks is told as whom it was read, which is not always who they are.</summary>
    [Fact]
    public async Task File_OfAnotherUser_IsToldWithWhoReadIt()
    {
        await ShellAsync("echo '{}' > gateway.json; umask 077; echo '{}' > rollout.json; chmod 755 .");

        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "gateway.dll"), "check", _folder];
        var isRoot = Environment.UserName == "root";
        if (isRoot)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. command];
        else
            await ShellAsync("chmod 000 rollout.json");
        var output = await RunAsync(command);

        Assert.Contains("rollout.json: error: \"unreadable\", expected a file that user ", output, StringComparison.Ordinal);
        Assert.Matches(isRoot ? @"\(uid 65534\) may read; its mode is 600" : @"\(uid [0-9]+\) may read; its mode is 000", output);
    }

    private Task<string> ShellAsync(string script) => RunAsync(["sh", "-ec", script]);

    private async Task<string> RunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = _folder, UseShellExecute = false, RedirectStandardOutput = true, Environment = { ["DOTNET_CLI_HOME"] = _folder },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }
}
