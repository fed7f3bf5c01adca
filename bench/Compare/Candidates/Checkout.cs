using CompareBench.Load;

namespace CompareBench.Candidates;

/// <summary>A checkout of this repository.</summary>
internal sealed record Checkout(string Path)
{
    /// <returns>The gateway as its Dockerfile publishes it.</returns>
    public async Task<GatewayCandidate> PublishGatewayAsync(string name, string into)
    {
        await Command.RunAsync(
            "dotnet", "publish", System.IO.Path.Combine(Path, "src/Gateway"), "-c", "Release", "--nologo", "-v", "quiet", "-o", into);
        return new(name, Path, into);
    }

    /// <returns>The commit, with a plus when files differ from it.</returns>
    public async Task<string> ReadCommitAsync()
    {
        var commit = (await Command.RunAsync("git", "-C", Path, "rev-parse", "--short", "HEAD")).Trim();
        var changes = await Command.RunAsync("git", "-C", Path, "status", "--porcelain", "--untracked-files=no");
        return changes.Length > 0 ? commit + "+" : commit;
    }
}
