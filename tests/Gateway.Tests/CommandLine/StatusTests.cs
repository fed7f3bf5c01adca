using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.CommandLine;
using Gateway.Listening;
using Microsoft.AspNetCore.Http;
using static Gateway.Tests.CommandLine.CommandRun;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: the running gateway on one screen.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task Status_OfARunningGateway_IsOnOneScreenAndInJson()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.SpoolDepth = "12";
        await using var gateway = await new GatewaySetup(calendar).Flag(GatewaySetup.CalendarFlag, 25).Probing("calendar").StartAsync();
        await Eventually.TrueAsync("the spool is known", async () => (await gateway.StatusAsync()).ToString()
            .Contains("\"spoolDepth\":12", StringComparison.Ordinal));
        (await gateway.GetAsync("/away")).Dispose();
        await gateway.ReloadAsync(config => config.Cohort("canary")["DefaultRolloutPercentage"] = 45);
        await Eventually.TrueAsync("the reload is told", async () => (await gateway.StatusAsync()).GetProperty("events").GetArrayLength() == 2);
        var address = gateway.AdminAddress.ToString();

        var (code, text) = await RunAsync("status", "--admin", address);
        var (jsonCode, json) = await RunAsync("status", "--admin", address, "--json");

        Assert.Equal((0, 0), (code, jsonCode));
        Assert.DoesNotContain('\e', text);
        foreach (var line in (string[])[
            $"gateway at {address}: ready", $"of {gateway.Config.Path}, loaded", "CALENDAR_SERVICE_ENABLED  on     true         true",
            "PUBLISH_SERVICE_ENABLED   off    unset        false  environment", "canary  45 %   –      staff 100 %", "reload", "canary 25 % → 45 %",
            "start", "healthy  closed   12"])
            Assert.Contains(line, text, StringComparison.Ordinal);
        Assert.Matches(@"gateway +– +[0-9.]+ +1 ", text); // The answer to /away, whose backend is away.
        var document = JsonDocument.Parse(json).RootElement;
        Assert.True(document.GetProperty("ready").GetBoolean());
        Assert.Equal(await gateway.RevisionAsync(),
            document.GetProperty("status").GetProperty("configuration").GetProperty("revision").GetString());
    }

    [Fact]
    public async Task Status_OfAGatewayThatIsNotReadyAndSaysStrangeThings_IsShownAndExits1()
    {
        JsonNode status;
        await using (var gateway = await new GatewaySetup().StartAsync())
            status = JsonNode.Parse((await gateway.StatusAsync()).GetRawText())!;
        status["configuration"]!["folder"] = "[red]\e[2Jx[/]\nnext";
        status["events"]![0]!["text"] = "[/] \u202e [nothing]";
        await using var stub = await StubBackend.StartAsync();
        stub.Answers(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/readyz" ? 503 : 200;
            return context.Response.WriteAsync(context.Request.Path == "/readyz" ? "Unhealthy" : status.ToJsonString());
        });

        var (code, text) = await RunAsync("status", "--admin", stub.Address.ToString());

        Assert.Equal(1, code);
        Assert.Contains("not ready (Unhealthy)", text, StringComparison.Ordinal);
        Assert.Contains("[red]\\u001B[2Jx[/]\\nnext", text, StringComparison.Ordinal);
        Assert.Contains("[/] \\u202E [nothing]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("an answer", 200)]
    [InlineData("{}", 200)]
    [InlineData("[1]", 200)]
    [InlineData("no such page", 404)]
    public async Task Status_OfSomethingElse_SaysSoAndExits1(string body, int answer)
    {
        await using var stub = await StubBackend.StartAsync();
        stub.Answers(answer, body);

        var (code, output) = await RunAsync("status", "--admin", stub.Address.ToString(), "--json");

        Assert.Equal(1, code);
        var problem = JsonDocument.Parse(output).RootElement.GetProperty("problem");
        Assert.Equal("unreachable", problem.GetProperty("code").GetString());
        Assert.Contains("is this a gateway's admin listener", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "http://127.0.0.1:9/")]
    [InlineData(2, "nowhere")]
    [InlineData(2, "ftp://127.0.0.1/")]
    public async Task Status_OfNobody_Exits1AndOfNoAddress2(int expected, string admin) =>
        Assert.Equal(expected, (await RunAsync("status", "--admin", admin)).Code);

    [Theory]
    [InlineData(80)]
    [InlineData(40)]
    [InlineData(20)]
    public async Task Screen_OfAnyWidth_FitsIt(int width)
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 25).StartAsync();
        using var asked = new RunningGateway(AdminClient.Named(ListenerAddress.Parse(gateway.AdminAddress.ToString())!));

        var screen = StatusScreen.Render(await asked.AskAsync(default), new Terminal(true, false, width, 24));

        Assert.All(screen.Split('\n'), line => Assert.InRange(line.Length, 0, width));
        Assert.Contains("PUBLISH", screen, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', screen);
    }

    [Fact]
    public void Draw_OfMoreLinesThanFit_CutsThemAndClearsWhatStoodThere()
    {
        using var output = new StringWriter();

        new Terminal(true, false, 80, 5).Draw(output, "1\n2\n3\n4\n5\n6\n");

        Assert.Equal("\e[?25l\e[H1\e[K\n2\e[K\n3\e[K\n… 3 more lines\e[K\n\e[J", output.ToString());
    }

    /// <summary>As an operator has it: the real program, a gateway that goes away under it, and Ctrl-C.</summary>
    [Fact]
    public async Task Watch_UntilCtrlC_ShowsThatTheGatewayIsGoneAndExits0()
    {
        var gateway = await new GatewaySetup().StartAsync();
        // A shell's background processes ignore Ctrl-C, and so would their children.
        using var watch = Process.Start(new ProcessStartInfo(
            "env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "gateway.dll"), "status", "--watch", "--admin",
                gateway.AdminAddress.ToString()])
        {
            UseShellExecute = false, RedirectStandardOutput = true,
        })!;
        try
        {
            await ReadUntilAsync(watch, "ready");
            await gateway.DisposeAsync();
            await ReadUntilAsync(watch, "nobody answers");
            Assert.Contains("last seen at", await ReadUntilAsync(watch, "not shown"), StringComparison.Ordinal);
            Assert.DoesNotContain("CALENDAR", await ReadUntilAsync(watch, "nobody answers"), StringComparison.Ordinal);
            using (var interrupt = Process.Start("kill", ["-INT", watch.Id.ToString(CultureInfo.InvariantCulture)]))
                await interrupt.WaitForExitAsync();
            await watch.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(0, watch.ExitCode);
        }
        finally
        {
            if (!watch.HasExited)
                watch.Kill(entireProcessTree: true);
        }
    }

    /// <returns>All lines up to the one that says it.</returns>
    private static async Task<string> ReadUntilAsync(Process process, string said)
    {
        var lines = "";
        while (!lines.Contains(said, StringComparison.Ordinal))
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotNull(line);
            lines += line + "\n";
        }

        return lines;
    }
}
