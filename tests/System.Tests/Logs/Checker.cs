namespace SystemTests.Logs;

/// <summary><c>gateway logs check</c> as an operator runs it.</summary>
internal static class Checker
{
    /// <summary>Zero findings, and none of <see cref="Planted"/> anywhere.</summary>
    public static async Task AssertCleanAsync(IEnumerable<string> lines)
    {
        var folder = Directory.CreateTempSubdirectory("logs-");
        try
        {
            var (log, canaries) = (Path.Combine(folder.FullName, "log"), Path.Combine(folder.FullName, "canaries"));
            await File.WriteAllLinesAsync(log, lines);
            await File.WriteAllLinesAsync(canaries, Planted.All);
            await using var check = ProgramProcess.Start(
                "dotnet", [Repository.Program("src/Gateway", "gateway"), "logs", "check", log, "--canary-file", canaries, "--whole"]);
            var code = await check.ExitAsync();
            Assert.True(code == 0, string.Join('\n', check.Output.Take(60)) + check.Errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
