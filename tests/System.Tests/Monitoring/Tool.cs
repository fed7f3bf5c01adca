using System.Diagnostics;

namespace SystemTests.Monitoring;

/// <summary>One run of promtool, amtool or the like.</summary>
internal static class Tool
{
    /// <returns>What it said on both outputs.</returns>
    /// <exception cref="Xunit.Sdk.XunitException">It exited with anything but 0.</exception>
    public static async Task<string> RunAsync(string file, string? input, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{file} {string.Join(' ', arguments)}\n{said}");
        return said;
    }
}
