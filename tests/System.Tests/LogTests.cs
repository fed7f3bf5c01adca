using System.Text.Json;
using Harness;

namespace SystemTests;

/// <summary>Contract section 8 over the log of a whole system run.</summary>
public sealed class LogTests
{
    private static readonly string[] Keys = ["requestId", "userId", "channel", "calendarId", "runId", "status", "traceId"];

    [Fact]
    public async Task WholeStory_EveryLineOfBothPrograms_HasTheKeysAndNoSecret()
    {
        const string Canary = "canary-secret-7f3a";
        await using var system = await TestSystem.StartAsync();
        await RolloutTests.WholeStoryAsync(system);
        using var refused = await TestSystem.SendAsync(
            system.Public, HttpMethod.Post, $"/api/publish?token={Canary}", "alice", new { calendarId = Canary + "?", dryRun = "yes" },
            ("Authorization", $"Bearer {Canary}"), ("Cookie", $"session={Canary}"), ("Idempotency-Key", Canary));
        Assert.Equal(400, (int)refused.StatusCode);
        await Eventually.TrueAsync("both programs have logged the refusal", () =>
            Completed(system.GatewayProcess).Any(l => Status(l) == "400") && Completed(system.ServiceProcess).Any(l => Status(l) == "400"));

        foreach (var process in (ProgramProcess[])[system.GatewayProcess, system.ServiceProcess])
        {
            Assert.DoesNotContain(Canary, string.Join('\n', process.Output), StringComparison.Ordinal);
            Assert.DoesNotContain("Edited by hand", string.Join('\n', process.Output), StringComparison.Ordinal);
            Assert.All(process.Log, line => Assert.All(Keys, key => Assert.True(line.TryGetProperty(key, out _), $"{key} is missing in {line}")));
            Assert.All(Completed(process), line =>
            {
                Assert.Equal(JsonValueKind.String, line.GetProperty("status").ValueKind);
                Assert.True(line.TryGetProperty("durationMs", out _) && line.TryGetProperty("route", out _));
            });
            Assert.All(
                Completed(process).GroupBy(l => l.GetProperty("requestId").GetString() + l.GetProperty("path").GetString()),
                request => Assert.Single(request));
        }

        // One publish, sixteen intents: a line each, with its channel and status, under the request id that the gateway gave.
        var publish = Assert.Single(
            Completed(system.GatewayProcess), l => l.GetProperty("path").GetString() == "/api/publish" && Status(l) == "200");
        var intents = system.ServiceProcess.Log.Where(l => Status(l) == "dry_run_ok").ToArray();
        Assert.Equal(16, intents.Length);
        Assert.All(intents, l =>
        {
            Assert.Equal(publish.GetProperty("requestId").GetString(), l.GetProperty("requestId").GetString());
            Assert.Equal("alice", l.GetProperty("userId").GetString());
            Assert.Equal("spring", l.GetProperty("calendarId").GetString());
            Assert.Contains(l.GetProperty("channel").GetString(), (string[])["linkedin", "x"]);
            Assert.NotNull(l.GetProperty("runId").GetString());
        });
    }

    private static IEnumerable<JsonElement> Completed(ProgramProcess process) =>
        process.Log.Where(line => line.TryGetProperty("httpStatus", out _));

    private static string? Status(JsonElement line) => line.GetProperty("status").GetString();
}
