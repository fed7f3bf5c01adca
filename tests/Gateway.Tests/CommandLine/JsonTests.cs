using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: with <c>--json</c> every command writes one document on standard output.</summary>
public sealed class JsonTests
{
    /// <summary>Each command as it succeeds, says no, and cannot answer.</summary>
    [Fact]
    public async Task Command_WithJson_WritesOneDocumentWhateverHappens()
    {
        await using var legacy = await StubBackend.StartAsync();
        await using var gateway = await new GatewaySetup(legacy: legacy).StartAsync();
        var (config, admin) = (gateway.Config.Path, gateway.AdminAddress.ToString());
        var (users, good, bad) = (gateway.Config.File("users.txt"), gateway.Config.File("good.log"), gateway.Config.File("bad.log"));
        await File.WriteAllTextAsync(users, "ada\n");
        await File.WriteAllTextAsync(good, "");
        await File.WriteAllTextAsync(bad, "no JSON\n");
        const string Nobody = "http://127.0.0.1:9";
        (string[] Args, int Code, string Property)[] runs =
        [
            (["check", config], 0, "valid"),
            (["check", "/no/such/folder"], 1, "findings"),
            (["diff", config, config, "--users", users], 0, "routes"),
            (["diff", config, "/no/such/folder", "--users", users], 1, "problem"),
            (["diff", config, config, "--users", "/no/such/file"], 1, "problem"),
            (["explain", "/page", "--admin", admin], 0, "source"),
            (["explain", "/page", "--admin", Nobody], 1, "problem"),
            (["explain", "/page", "--admin", gateway.PublicAddress.ToString()], 1, "problem"),
            (["explain", "/page", "--config", config], 0, "source"),
            (["explain", "/page", "--config", "/no/such/folder"], 1, "problem"),
            (["healthcheck", "--url", admin], 0, "ready"),
            (["healthcheck", "--url", Nobody], 1, "ready"),
            (["smoke", "--user", "ada", "--url", gateway.PublicAddress.ToString()], 0, "checks"),
            (["smoke", "--user", "ada", "--url", Nobody], 2, "problem"),
            (["logs", "check", good], 0, "findings"),
            (["logs", "check", bad], 1, "findings"),
            (["logs", "check", "/no/such/file"], 1, "problem"),
            (["logs", "check", good, "--canary", "ab"], 1, "problem"),
        ];
        foreach (var (args, code, property) in runs)
        {
            var run = await CommandRun.WholeAsync([.. args, "--json"]);

            Assert.True(run.Code == code, $"{string.Join(' ', args)}: {run}");
            using var document = JsonDocument.Parse(run.Output);
            Assert.True(document.RootElement.TryGetProperty(property, out var found), $"{string.Join(' ', args)}: {run}");
            if (property != "problem")
                continue;
            Assert.Equal(code, document.RootElement.GetProperty("exitCode").GetInt32());
            Assert.Equal(found.GetProperty("message").GetString(), run.Errors.TrimEnd());
        }
    }

    /// <summary>
    /// The program itself, against backends that listen: a document and nothing else, and nobody is called. It would be called at once.
    /// </summary>
    [Fact]
    public async Task Explain_Offline_WritesNoLogLineAndCallsNoBackend()
    {
        using var config = new ConfigDirectory();
        using var backend = new TcpListener(IPAddress.Loopback, 0);
        backend.Start();
        OwnPorts.Claim(((IPEndPoint)backend.LocalEndpoint).Port);
        foreach (var (id, cluster) in config.Clusters)
        {
            cluster!["Destinations"]![$"{id}-1"]!["Address"] = $"http://{backend.LocalEndpoint}/";
            cluster["HealthCheck"]!["Active"]!["Interval"] = "00:00:00.100";
        }

        var run = await GatewayProcess.RunAsync(["explain", "GET", "/api/calendar", "--json", "--config", config.Save().Path]);

        Assert.Equal(0, run.ExitCode);
        var source = JsonDocument.Parse(run.Output).RootElement.GetProperty("source");
        Assert.Equal(("offline", config.Path), (source.GetProperty("kind").GetString(), source.GetProperty("folder").GetString()));
        Assert.StartsWith("OFFLINE: ", run.Error, StringComparison.Ordinal);
        Assert.False(backend.Pending());
    }

    [Fact]
    public async Task Explain_WithoutWord_AsksTheGatewayOfItsSettings()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var run = await GatewayProcess.RunAsync(
            ["explain", "/api/calendar", "--user", "ada"], ("Kestrel__Endpoints__Admin__Url", $"http://+:{gateway.AdminAddress.Port}"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("GET /api/calendar as ada: legacy, because flag-off", run.Output, StringComparison.Ordinal);
        Assert.Contains($"the running gateway, http://127.0.0.1:{gateway.AdminAddress.Port}/", run.Output, StringComparison.Ordinal);
    }

    /// <summary>What serves is the program that was asked for, or none.</summary>
    [Fact]
    public async Task Program_TypedWrong_StartsNothing()
    {
        var (word, option) = (await GatewayProcess.RunAsync(["chekc"]), await GatewayProcess.RunAsync(["--verison"]));

        Assert.Equal((2, "", 2, ""), (word.ExitCode, word.Output, option.ExitCode, option.Output));
        Assert.Contains("did you mean \"check\"?", word.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean \"--version\"?", option.Error, StringComparison.Ordinal);
    }
}
