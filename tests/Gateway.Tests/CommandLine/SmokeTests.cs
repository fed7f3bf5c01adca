using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.CommandLine;

/// <summary>
/// What the smoke makes of a gateway in front of stubs; System.Tests has it against the real service.
/// Holds docs/contract.md section 9: admin surface and command line.
/// </summary>
public sealed class SmokeTests
{
    private static readonly string[] Headers = ["X-Request-Id", "X-Served-By", "X-Route-Reason"];

    [Fact]
    public async Task Smoke_FlagsOff_AcceptsWhateverLegacyAnswers()
    {
        await using var legacy = await StubBackend.StartAsync();
        legacy.Answers(404, "no such page");
        await using var gateway = await new GatewaySetup(legacy: legacy).StartAsync();

        var smoke = await RunAsync(gateway, "--admin", gateway.AdminAddress.ToString());

        Assert.True(smoke.Code == 0, smoke.Output);
        Assert.Equal("off", smoke.Json.GetProperty("expected").GetString());
        Assert.Equal("404 legacy, flag-off", smoke.Evidence("generate"));
        Assert.All(Headers, h => Assert.Contains(h, smoke.Evidence("headers"), StringComparison.Ordinal));
        Assert.Single(smoke.Json.GetProperty("leftBehind").EnumerateArray());
        Assert.StartsWith("revision ", smoke.Evidence("configuration"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Smoke_LegacyAway_FailsWhereLegacyShouldAnswer_AndTakesTheDryRunsGenerate()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var smoke = await RunAsync(gateway, "--expect", "off");

        Assert.Equal(1, smoke.Code);
        Assert.Equal("fail", smoke.Status("calendar"));
        Assert.Equal(("pass", "200 dry-run, not-sent, legacy is away"), (smoke.Status("generate"), smoke.Evidence("generate")));
        Assert.Equal("pass", smoke.Status("publish"));
        Assert.Empty(smoke.Json.GetProperty("leftBehind").EnumerateArray());
    }

    [Fact]
    public async Task Smoke_UserOutsideTheCohort_CannotBegin()
    {
        await using var legacy = await StubBackend.StartAsync();
        await using var gateway = await new GatewaySetup(legacy: legacy)
            .Flag(GatewaySetup.CalendarFlag, 0).Flag(GatewaySetup.PublishFlag, 0).StartAsync();

        var smoke = await RunAsync(gateway);

        Assert.Equal(2, smoke.Code);
        Assert.Contains("ada is outside the cohort", smoke.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Smoke_NobodyThereOrSomebodyElse_CannotBegin()
    {
        await using var stranger = await StubBackend.StartAsync();

        var (silent, other) = (
            await RunAsync("http://127.0.0.1:9", "--user", "ada"), await RunAsync(stranger.Address.ToString(), "--user", "ada"));

        Assert.Equal((2, 2), (silent.Code, other.Code));
        Assert.Contains("http://127.0.0.1:9/ cannot be reached", silent.Errors, StringComparison.Ordinal);
        Assert.Contains("not the gateway's public listener", other.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Smoke_BackendThatNeverAnswers_CannotBeginAfterItsTimeout()
    {
        await using var legacy = await StubBackend.StartAsync();
        legacy.Stalls();
        await using var gateway = await new GatewaySetup(legacy: legacy).StartAsync();

        var smoke = await RunAsync(gateway, "--timeout", "0.3");

        Assert.Equal(2, smoke.Code);
        Assert.Contains("no answer within 0.3 s", smoke.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--url", "nowhere")]
    [InlineData("--timeout", "0")]
    [InlineData("--keep-alive", "-1")]
    [InlineData("--expect", "maybe")]
    [InlineData("--gateway-logs", "/no/such/file")]
    public async Task Smoke_AskedWrongly_Exits2(string option, string value)
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        Assert.Equal(2, (option == "--url" ? await RunAsync(value, "--user", "ada") : await RunAsync(gateway, option, value)).Code);
    }

    [Fact]
    public async Task Smoke_WithoutUser_Exits2()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        Assert.Equal(2, (await RunAsync(gateway.PublicAddress.ToString())).Code);
    }

    [Theory]
    [InlineData(0, "30", "skip", "none was due")]
    [InlineData(3, "30", "pass", "3 keep-alives")]
    [InlineData(0, "0.00001", "fail", "0 keep-alives")]
    public async Task Smoke_Stream_CountsKeepAlivesAndMissesThoseThatWereDue(int comments, string keepAlive, string status, string evidence)
    {
        await using var calendar = await StubBackend.StartAsync();
        calendar.Answers(async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/generate", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 404;
                return;
            }

            context.Response.ContentType = "text/event-stream";
            context.Response.Headers["X-Run-Id"] = "run-1";
            await context.Response.WriteAsync("id: 1\nevent: meta\ndata: {}\n\n");
            await context.Response.Body.FlushAsync();
            for (var i = 0; i < comments; i++)
                await context.Response.WriteAsync(": keep-alive\n\n");
            await context.Response.WriteAsync($$$"""
                id: 2
                event: entry
                data: {"entry":{"entryId":"e","text":"t"}}

                id: 3
                event: done
                data: {"finishReason":"complete","partial":false,"dryRun":false,"entries":1,"runId":"run-1","requestId":"{{{context.Request.Headers["X-Request-Id"]}}}"}


                """);
        });
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        var smoke = await RunAsync(gateway, "--expect", "on", "--keep-alive", keepAlive);

        Assert.True(smoke.Status("generate") == "pass", smoke.Output);
        Assert.Equal(status, smoke.Status("keep-alive"));
        Assert.Contains(evidence, smoke.Evidence("keep-alive"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "done says error")]
    [InlineData(
        "id: 1\nevent: done\ndata: {\"finishReason\":\"timeout\",\"partial\":true,\"dryRun\":false,\"message\":\"slow\",\"entries\":0}\n\n",
        "timeout: slow")]
    public async Task Smoke_StreamThatDoesNotComplete_FailsGenerate(string stream, string evidence)
    {
        await using var calendar = await StubBackend.StartAsync();
        calendar.Answers(context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.StatusCode = context.Request.Path.Value!.EndsWith("/generate", StringComparison.Ordinal) ? 200 : 404;
            return context.Response.WriteAsync(stream);
        });
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        var smoke = await RunAsync(gateway, "--expect", "on");

        Assert.Equal((1, "fail"), (smoke.Code, smoke.Status("generate")));
        Assert.Contains(evidence, smoke.Evidence("generate"), StringComparison.Ordinal);
        Assert.Equal("not reached: generate failed", smoke.Evidence("save"));
    }

    [Fact]
    public async Task Smoke_Logs_AreReadFromWhereTheyEnded_AndAMissingFieldFails()
    {
        await using var legacy = await StubBackend.StartAsync();
        await using var gateway = await new GatewaySetup(legacy: legacy).StartAsync();
        var log = gateway.Config.File("gateway.log");
        await File.WriteAllTextAsync(log, "not JSON\n");
        // Whatever legacy is asked it logs as the gateway would, less one field of the last lines.
        legacy.Answers(async context =>
        {
            var id = context.Request.Headers["X-Request-Id"].ToString();
            await File.AppendAllTextAsync(log, $$"""{"requestId":"{{id}}","userId":"ada","channel":null,"calendarId":null,"status":"200","httpStatus":200}""" + "\n");
        });

        var smoke = await RunAsync(gateway, "--gateway-logs", log);

        Assert.Equal((1, "fail"), (smoke.Code, smoke.Status("gateway-logs")));
        Assert.Contains("lacks runId", smoke.Evidence("gateway-logs"), StringComparison.Ordinal);
    }

    private static Task<Smoke> RunAsync(GatewayHarness gateway, params string[] args) =>
        RunAsync(gateway.PublicAddress.ToString(), ["--user", "ada", .. args]);

    private static async Task<Smoke> RunAsync(string url, params string[] args)
    {
        var run = await CommandRun.WholeAsync(["smoke", "--url", url, "--json", .. args]);
        return new(run.Code, run.Output, run.Errors);
    }

    private sealed record Smoke(int Code, string Output, string Errors)
    {
        public JsonElement Json => JsonDocument.Parse(Output).RootElement;

        public string Status(string check) => Check(check).GetProperty("status").GetString()!;

        public string Evidence(string check) => Check(check).GetProperty("evidence").GetString()!;

        private JsonElement Check(string name) =>
            Json.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
    }
}
