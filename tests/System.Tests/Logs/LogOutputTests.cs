using System.Globalization;
using System.Text.Json;
using Harness;

namespace SystemTests.Logs;

/// <summary>The log of a real process whose standard output is a pipe. Holds docs/contract.md section 8: logs.</summary>
public sealed class LogOutputTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("log-output-").FullName;
    private readonly SocketsHttpHandler _handler = new();
    private readonly HttpClient _client;

    public LogOutputTests() => _client = new HttpClient(_handler)
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{OwnPorts.Next()}")),
    };

    [Fact]
    public async Task Sigterm_AfterRequests_EveryLineIsThere()
    {
        await using var service = Start("dotnet", Service);
        await ReadyAsync();
        var asked = Enumerable.Range(0, 500).Select(n => string.Create(CultureInfo.InvariantCulture, $"request-{n:0000}")).ToArray();

        await Parallel.ForEachAsync(asked, async (id, _) => Assert.True((await AskAsync(id)).IsSuccessStatusCode));
        await service.SignalAsync("TERM");

        Assert.Equal(0, await service.ExitAsync());
        var completed = service.Log.Where(line => line.TryGetProperty("durationMs", out var _))
            .Select(line => line.GetProperty("requestId").GetString());
        Assert.Equal(asked, completed.Where(id => id!.StartsWith("request-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reader_GoneAway_HarmsNobody()
    {
        await using var service = Start("bash", "-c", "exec dotnet \"$0\" > >(head -n 1)", Service);
        await ReadyAsync();
        await Eventually.TrueAsync("the first line was read", () => service.Output.Count == 1);

        for (var n = 0; n < 20; n++)
            Assert.True((await AskAsync("request-" + n.ToString("0000", CultureInfo.InvariantCulture))).IsSuccessStatusCode);
        await service.SignalAsync("TERM");

        Assert.Equal(0, await service.ExitAsync());
        Assert.Equal("", service.Errors);
        Assert.Single(service.Output);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _handler.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Service => Repository.Program("src/CalendarService", "CalendarService");

    private ProgramProcess Start(string file, params string[] arguments) => ProgramProcess.Start(
        file, arguments, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Kestrel__Endpoints__Http__Url"] = _client.BaseAddress!.ToString(),
            ["ConnectionStrings__Calendar"] = $"Data Source={Path.Combine(_folder, "calendar.db")}",
            ["CALENDAR_DATA_DIR"] = Path.Combine(_folder, "data"),
        });

    private Task ReadyAsync() => Eventually.TrueAsync("the service answers", async () =>
    {
        try
        {
            return (await _client.GetAsync("/readyz")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    private async Task<HttpResponseMessage> AskAsync(string requestId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/calendar");
        request.Headers.Add("X-User-Id", "u");
        request.Headers.Add("X-Request-Id", requestId);
        return await _client.SendAsync(request);
    }
}
