using System.Text.Json;
using Harness;

namespace SystemTests.Logs;

/// <summary>
/// The log of a whole system run, held against what it promises: by the checker that operators have, and by samples.
/// Holds docs/contract.md section 8: logs.
/// </summary>
public sealed class LogTests
{
    [Theory]
    [InlineData("Information")]
    [InlineData("Trace")]
    public async Task WholeStory_EveryLineOfBothPrograms_PassesTheChecker(string level)
    {
        await using var postgres = await PostgresServer.StartNewAsync();
        using var ai = StatusAi.Start();
        await using var aiLink = FaultProxy.Start(new Uri(ai.BaseUrl));
        await using var stub = await StubBackend.StartAsync();
        await using var faulty = new FaultyServer();
        var database =
            $"postgresql://postgres:{Uri.EscapeDataString(Planted.Password)}@127.0.0.1:{postgres.Port}/{await postgres.CreateDatabaseAsync()}?sslmode=disable";
        await using var system = await TestSystem.StartAsync(
            database, settings: LogStory.Settings(new Uri(aiLink.Address, new Uri(ai.BaseUrl).AbsolutePath).ToString(), level));

        var story = new LogStory(system, postgres, ai, aiLink, stub, faulty);
        await story.RunAsync();
        await system.GatewayProcess.SignalAsync("TERM");
        await system.GatewayProcess.ExitAsync();

        Assert.Equal("", system.GatewayProcess.Errors + system.ServiceProcess.Errors);
        await Checker.AssertCleanAsync(system.GatewayProcess.Output.Concat(system.ServiceProcess.Output));
        AssertCompletedAsAnswered(story, system.GatewayProcess.Log);
        AssertSamples(system.GatewayProcess.Log, system.ServiceProcess.Log);
        AssertIntents(system.GatewayProcess.Log, system.ServiceProcess.Log);
    }

    /// <summary>One completion line for each request that was sent, with the status that the client saw.</summary>
    private static void AssertCompletedAsAnswered(LogStory story, IReadOnlyList<JsonElement> gateway)
    {
        Assert.All(story.Answered, step =>
        {
            var line = Completion(gateway, step.Name);
            Assert.Equal((step.Path.Split('?')[0], $"{step.Status}", step.Status),
                (Text(line, "path"), Text(line, "status"), line.GetProperty("httpStatus").GetInt32()));
        });
        foreach (var left in (string[])["leaves-waiting", "leaves-upload"])
            Assert.Equal("499", Text(Completion(gateway, left), "status"));
    }

    /// <summary>Each kind of request once: not that the fields are there, but that they are right.</summary>
    private static void AssertSamples(IReadOnlyList<JsonElement> gateway, IReadOnlyList<JsonElement> service)
    {
        var run = Text(Completion(service, "generate"), "runId");
        Assert.NotNull(run);
        AssertLine(gateway, "generate", "alice", "linkedin,x", "spring", run, "generate", "calendar", "in-cohort", "completed");
        AssertLine(gateway, "load", "alice", null, "spring", run, "calendar", "calendar", "in-cohort");
        AssertLine(gateway, "stream", "alice", "linkedin,x", "spring", run, "calendar", "calendar", "in-cohort", "completed");
        AssertLine(gateway, "patch", "alice", null, "spring", run, "calendar", "calendar", "in-cohort");
        AssertLine(gateway, "export", "alice", null, "spring", run, "export", "calendar", "in-cohort");
        AssertLine(gateway, "publish", "alice", "linkedin,x", "spring", run, "publish", "calendar", "in-cohort", "ok");
        AssertLine(gateway, "publish-again", "alice", "linkedin,x", "spring", run, "publish", "calendar", "in-cohort", "ok");
        AssertLine(gateway, "queued", "alice", "linkedin,x", "spring", run, "publish", "calendar", "in-cohort", "queued");
        AssertLine(gateway, "auth-missing", "alice", "tiktok", "unauthorised", null, "publish", "calendar", "in-cohort", "rejected");
        AssertLine(gateway, "bad-token", null, null, null, null, "none", "gateway", "refused");
        AssertLine(gateway, "answers-503", "alice", "x", "c9", "r9", "broken", "legacy", "failed");
        AssertLine(gateway, "answers-refused", "alice", "x", "c9", "r9", "broken", "legacy", "refused");
        AssertLine(gateway, "resets-post", "alice", null, null, null, "broken-publish", "gateway", "failed", "failed");
        AssertLine(gateway, "stream-reset", "alice", "x", "c9", "r9", "broken", "stub", "in-cohort", "error");
        AssertLine(gateway, "stream-truncated", "alice", "x", "c9", "r9", "broken", "stub", "in-cohort", "truncated");
        AssertLine(gateway, "stream-idle", "alice", "x", "c9", "r9", "broken", "stub", "in-cohort", "idle");
        AssertLine(gateway, "leaves-stream", "alice", null, "broken", null, "broken", "stub", "in-cohort", "client_aborted");
        AssertLine(gateway, "shed", "alice", null, "broken", null, "broken", "gateway", "refused");
        AssertLine(gateway, "off-publish", "alice", "dry-run", "spring", null, "publish", "dry-run", "flag-off", "ok");
        // Who finds first that the service is gone, this request or a probe, is a matter of milliseconds.
        var away = Text(Completion(gateway, "away-get"), "reason") == "unhealthy" ? "unhealthy" : "not-sent";
        AssertLine(gateway, "away-get", "alice", null, "spring", null, "calendar", "legacy", away);
        AssertLine(gateway, "nobody", "alice", null, "spring", null, "calendar", "gateway", "unhealthy");

        AssertLine(service, "generate", "alice", "linkedin,x", "spring", run, "calendar-generate", "calendar", null);
        AssertLine(service, "patch", "alice", null, "spring", run, "calendar-patch", "calendar", null);
        AssertLine(service, "publish", "alice", "linkedin,x", "spring", run, "publish", "calendar", null);
        AssertLine(service, "auth-missing", "alice", "tiktok", "unauthorised", null, "publish", "calendar", "channel-auth");
        AssertLine(service, "wrong-method", "alice", null, null, null, "none", "calendar", "method-not-allowed");
        AssertLine(service, "refused-get", "alice", null, "spring", null, "calendar-load", "calendar", "store-unavailable");
        foreach (var name in (string[])["generate", "publish", "wrong-method", "queued"])
            Assert.Equal(Text(Completion(gateway, name), "traceId"), Text(Completion(service, name), "traceId"));
        foreach (var (name, status) in ((string, string)[])[("generate", "complete"), ("ai-timeout", "timeout"), ("ai-key", "error"),
            ("ai-down", "error"), ("ai-left-alone", "error")])
            Assert.Single(service,
                line => Text(line, "requestId") == LogStory.Id(name) && Text(line, "status") == status && Text(line, "runId") is not null);
    }

    /// <summary>A line for each entry and channel, under the request that asked for it, also when it was written later.</summary>
    private static void AssertIntents(IReadOnlyList<JsonElement> gateway, IReadOnlyList<JsonElement> service)
    {
        foreach (var (name, status) in ((string, string)[])[("publish", "dry_run_ok"), ("queued", "queued"), ("queued", "dry_run_ok")])
        {
            var intents = service.Where(line => line.TryGetProperty("intentId", out _) && Text(line, "requestId") == LogStory.Id(name)
                && Text(line, "status") == status).ToArray();
            Assert.Equal(["linkedin", "linkedin", "x", "x"], intents.Select(line => Text(line, "channel")!).Order(StringComparer.Ordinal));
            Assert.All(intents, line => Assert.Equal(
                ("alice", "spring", true), (Text(line, "userId"), Text(line, "calendarId"), Text(line, "runId") is not null)));
        }

        Assert.DoesNotContain(
            service, line => line.TryGetProperty("intentId", out _) && Text(line, "requestId") == LogStory.Id("publish-again"));
        Assert.Equal(
            ["dry-run", "dry-run"],
            gateway.Where(line => line.TryGetProperty("intentId", out _) && Text(line, "requestId") == LogStory.Id("off-publish"))
                .Select(line => Text(line, "channel")!));
    }

    private static void AssertLine(
        IReadOnlyList<JsonElement> log, string name, string? user, string? channel, string? calendar, string? run, string route,
        string backend, string? reason,
        string? outcome = null)
    {
        var line = Completion(log, name);
        Assert.Equal(
            (name, user, channel, calendar, run, route, backend, reason, outcome),
            (name, Text(line, "userId"), Text(line, "channel"), Text(line, "calendarId"), Text(line, "runId"), Text(line, "route"),
                Text(line, "backend"),
                Text(line, "reason"), Text(line, "outcome")));
    }

    private static JsonElement Completion(IReadOnlyList<JsonElement> log, string name) =>
        Assert.Single(log, line => Text(line, "requestId") == LogStory.Id(name) && line.TryGetProperty("httpStatus", out _));

    private static string? Text(JsonElement line, string key) => line.GetProperty(key).GetString();
}
