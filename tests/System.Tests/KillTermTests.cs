using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Harness;

namespace SystemTests;

/// <summary>SIGTERM on a real gateway with work in its hands. Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class KillTermTests : IAsyncDisposable
{
    private readonly ConfigDirectory _config = new();
    private readonly int _publicPort = OwnPorts.Next();
    private readonly int _adminPort = OwnPorts.Next();
    private readonly SocketsHttpHandler _handler = new();

    [Fact]
    public async Task Sigterm_WorkInFlight_IsFinishedAndStreamsEndHonestly()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = Start(legacy);
        using var client = Client(_publicPort);
        using var admin = Client(_adminPort);
        await Eventually.TrueAsync("the gateway is ready", async () => await StatusAsync(admin, "/readyz") == HttpStatusCode.OK);
        var stream = legacy.Streams();
        await using var reader = await EventReader.OpenAsync(client, new HttpRequestMessage(HttpMethod.Get, "/news"));
        await stream.SendFrameAsync(1, "news", "{}");
        var gate = new TaskCompletionSource();
        legacy.Answers(async context =>
        {
            if (context.Request.Path == "/slow")
                await gate.Task;
            await context.Response.BodyWriter.WriteAsync("whole"u8.ToArray());
        });
        var slow = client.GetAsync("/slow");
        await Eventually.TrueAsync("the slow request is with legacy", () => legacy.Requests.Any(r => r.Target == "/slow"));

        await gateway.SignalAsync("TERM");

        // Not ready, and still serving: a load balancer needs time to notice.
        await Eventually.TrueAsync(
            "the gateway is not ready", async () => await StatusAsync(admin, "/readyz") == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(admin, "/livez"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/another"));

        // Then the listener closes, the stream gets its grace, and what is in flight is finished.
        await Eventually.TrueAsync("new connections are refused", async () =>
        {
            using var fresh = new SocketsHttpHandler();
            using var stranger = new HttpClient(fresh) { BaseAddress = client.BaseAddress };
            return await StatusAsync(stranger, "/late") is null;
        });
        var events = await reader.RestAsync();
        Assert.Equal(["news", "error", "done"], events.Select(e => e.Type));
        Assert.Equal("gateway_stopping", events[1].Json.GetProperty("code").GetString());
        Assert.False(gateway.HasExited);
        gate.SetResult();
        using (var answer = await slow)
            Assert.Equal("whole", await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, await gateway.ExitAsync());
    }

    public ValueTask DisposeAsync()
    {
        _handler.Dispose();
        _config.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<HttpStatusCode?> StatusAsync(HttpClient client, string path)
    {
        try
        {
            using var response = await client.GetAsync(path);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private HttpClient Client(int port) => new(_handler, disposeHandler: false) { BaseAddress = new Uri(Url(port)) };

    private ProgramProcess Start(StubBackend legacy)
    {
        _config.Point("legacy", legacy.Address).Routes["legacy"]!["Metadata"] = new JsonObject { ["Streams"] = "guard" };
        _config.Save();
        return ProgramProcess.Start(
            "dotnet", [Repository.Program("src/Gateway", "gateway")], new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["GATEWAY_CONFIG_DIR"] = _config.Path,
            ["Kestrel__Endpoints__Public__Url"] = Url(_publicPort),
            ["Kestrel__Endpoints__Admin__Url"] = Url(_adminPort),
            ["Shutdown__DrainDelay"] = "00:00:01",
            ["Shutdown__StreamGrace"] = "00:00:04",
        });
    }
}
