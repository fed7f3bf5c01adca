using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CompareBench.Candidates;
using CompareBench.Load;

namespace CompareBench.Reports;

/// <summary>What was measured, where and when, as lines of a list.</summary>
internal static partial class Machine
{
    public static async Task<IReadOnlyList<string>> DescribeAsync(CompareOptions options)
    {
        var commit = await new Checkout(Path.GetFullPath(".")).ReadCommitAsync();
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        var kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")).Trim();
        var memory = double.Parse(ReadField("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / (1024 * 1024);
        var yarp = FileVersionInfo.GetVersionInfo(Path.Combine(Path.GetDirectoryName(BareYarp.Program)!, "Yarp.ReverseProxy.dll"));
        var programs = new[]
        {
            await ReadVersionAsync("nginx", "-v"), await ReadVersionAsync("haproxy", "-v"), await ReadVersionAsync("wrk", "-v"),
            await ReadVersionAsync("h2load", "--version"),
        };
        var pace = options.Pace;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, commit {commit}"),
            $"{ReadField("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores, {memory:0} GB; load average before {load}",
            $"{ReadField("/etc/os-release", "PRETTY_NAME").Trim('"')}, Linux {kernel}",
            $".NET {Environment.Version}, YARP {yarp.ProductVersion!.Split('+')[0]}, {string.Join(", ", programs)}",
            $"{pace.Rounds} rounds of {pace.Round.TotalSeconds:0} s after {pace.WarmUp.TotalSeconds:0} s of warm-up; load generator, " +
            "candidate and origin share the cores",
        ];
    }

    private static string ReadField(string file, string name)
    {
        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? $"no {name}" : line[(line.AsSpan().IndexOfAny(':', '=') + 1)..].Trim();
    }

    /// <remarks>Programs differ in where they say it, and in the exit code that they have for it.</remarks>
    private static async Task<string> ReadVersionAsync(string program, string argument)
    {
        var said = await Command.RunAsync("/bin/sh", "-c", $"{program} {argument} 2>&1 | head -1");
        return $"{program} {VersionNumber().Match(said).Value}";
    }

    [GeneratedRegex(@"\d+\.\d+\S*")]
    private static partial Regex VersionNumber();
}
