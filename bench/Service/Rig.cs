using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Harness;
using Npgsql;

namespace ServiceBench;

/// <summary>A Postgres that waits for its disk, and the service in a process of its own with its default settings.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly Process _service;
    private readonly string _directory;

    private Rig(PostgresServer postgres, string database, Process service, string directory, Uri address)
    {
        (Postgres, Database, _service, _directory) = (postgres, database, service, directory);
        Http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    public PostgresServer Postgres { get; }

    /// <summary>A connection string.</summary>
    public string Database { get; }

    public HttpClient Http { get; }

    public static async Task<Rig> StartAsync(params string[] settings)
    {
        var postgres = await PostgresServer.StartNewAsync(durable: true);
        var database = postgres.ConnectionString(await postgres.CreateDatabaseAsync())
            .Replace("Size=20", "Size=50", StringComparison.Ordinal);
        var directory = Directory.CreateTempSubdirectory("bench-").FullName;
        var program = Path.GetFullPath("src/CalendarService/bin/Release/net10.0/CalendarService.dll");
        // The log goes where an operator's would, out of the process; reading it here would cost the load generator.
        string[] arguments =
        [
            "-c", "exec dotnet \"$@\" >\"$LOG\"", "sh", program, "--urls=http://127.0.0.1:0", $"--ConnectionStrings:Calendar={database}",
            $"--CALENDAR_DATA_DIR={directory}", .. settings.Select(setting => "--" + setting),
        ];
        var service = Process.Start(
            new ProcessStartInfo("/bin/sh", arguments) { Environment = { ["LOG"] = Path.Combine(directory, "log") } })!;
        var log = Path.Combine(directory, "log");
        string? address = null;
        await Eventually.TrueAsync("the service listens", () => (address = AddressIn(log)) is not null);
        return new(postgres, database, service, directory, new Uri(address!));
    }

    /// <param name="field"><c>VmRSS</c> or <c>VmHWM</c> of the service.</param>
    public double Megabytes(string field) => double.Parse(
        File.ReadLines($"/proc/{_service.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>Of processor time that the service took so far; unlike a rate, hardly disturbed by what else the machine does.</summary>
    public TimeSpan Processor()
    {
        _service.Refresh();
        return _service.TotalProcessorTime;
    }

    public void ForgetPeak() => File.WriteAllText($"/proc/{_service.Id}/clear_refs", "5");

    /// <summary>Saves a calendar of posts that every channel named takes.</summary>
    public async Task CreateCalendarAsync(string user, string calendar, int entries, params string[] channels)
    {
        var body = new JsonObject
        {
            ["title"] = "Bench", ["timezone"] = "Europe/Berlin",
            ["entries"] = new JsonArray([.. Enumerable.Range(0, entries).Select(n => (JsonNode)new JsonObject
            {
                ["entryId"] = $"entry-{n:00000}",
                ["scheduledAt"] = new DateTimeOffset(2099, 1, 1, 9, 0, 0, TimeSpan.Zero).AddHours(n)
                    .ToString("O", CultureInfo.InvariantCulture),
                ["text"] =
                    $"Post {n}: what a garden wants in spring, told in the length that most posts have, with an emoji 🌱 and an umlaut ä.",
                ["channels"] = new JsonArray([.. channels.Select(channel => (JsonNode)channel)]),
                ["link"] = "https://shop.example/garden", ["tags"] = new JsonArray("garden", "spring"),
            })]),
        };
        using var answer = await SendAsync(HttpMethod.Put, $"/api/calendar/{calendar}", user, body.ToJsonString(), ("If-None-Match", "*"));
        answer.EnsureSuccessStatusCode();
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string user, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        request.Headers.Add("X-User-Id", user);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(request);
    }

    /// <returns>One number from the service's metrics page.</returns>
    public async Task<double> MetricAsync(string name)
    {
        var page = await Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return page.Split('\n')
            .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async Task<long> CountAsync(string sql)
    {
        // Not a pooled one: Postgres may have been stopped under it.
        await using var connection = new NpgsqlConnection(Database.Replace("Pooling=true", "Pooling=false", StringComparison.Ordinal));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _service.Kill();
        await _service.WaitForExitAsync();
        NpgsqlConnection.ClearAllPools();
        await Postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string? AddressIn(string log)
    {
        const string Listening = "\"address\":\"";
        if (!File.Exists(log))
            return null;
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        var at = text.IndexOf(Listening, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + Listening.Length)..text.IndexOf('"', at + Listening.Length)];
    }
}
