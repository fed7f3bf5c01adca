using System.Globalization;
using System.Net;
using System.Text.Json;
using CalendarService.Tests.Publishing.Spool;
using Harness;
using Npgsql;

namespace CalendarService.Tests.Export;

/// <summary>A real process and a Postgres with a calendar of 100,000 entries, some 140 MB of export, and one of 10,000.</summary>
public sealed class LargeCalendars(Databases databases) : IAsyncLifetime
{
    public const int Large = 100_000;

    private ServiceProcess _service = null!;

    internal ServiceProcess Service => _service;

    public string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Database = await databases.NewAsync("postgres");
        _service = await ServiceProcess.StartAsync(Database, Directory.CreateTempSubdirectory("calendar-export-").FullName);
        await Eventually.TrueAsync("the schema is there", async () => (await GetAsync("/readyz")).IsSuccessStatusCode);
        await InsertAsync("small", Large / 10);
        await InsertAsync("large", Large);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    public async Task<HttpResponseMessage> GetAsync(string path) =>
        await _service.Http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

    public async Task<T> QueryAsync<T>(string sql)
    {
        // A backend that lives on in a pool tells its statistics up to ten seconds late: what the inserts spilled would count as an export's.
        await using var connection = new NpgsqlConnection(Database + ";Application Name=test;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <param name="field"><c>VmRSS</c>, or <c>VmHWM</c> for the most since <see cref="ForgetPeak"/>.</param>
    /// <returns>Bytes.</returns>
    public long Memory(string field) => 1024 * long.Parse(
        File.ReadLines($"/proc/{_service.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    public void ForgetPeak() => File.WriteAllText($"/proc/{_service.Id}/clear_refs", "5");

    private Task InsertAsync(string calendar, int entries) => QueryAsync<int>(
        $"""
         INSERT INTO calendars VALUES ('ada', '{calendar}', 'T', 'Europe/Berlin', 1, NULL, now(), now());
         INSERT INTO entries (
             user_id, calendar_id, id, scheduled_at, timezone, channels, status, text, media_urls, tags, edited_fields, version, generated)
         SELECT 'ada', '{calendar}', 'e' || n, '2090-01-01Z'::timestamptz + n / 3 * interval '1 minute', 'Europe/Berlin', '["x"]', 'draft',
             n || ' "ä", ' || repeat(md5(n::text), 40), '[]', '[]', '[]', 1, NULL
         FROM generate_series(1, {entries}) AS n;
         SELECT 1
         """);
}

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class LargeExportTests(LargeCalendars calendars) : IClassFixture<LargeCalendars>
{
    // A third of what is exported, and several times what was ever seen.
    private const long MostGrowth = 40L << 20;

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task Export_OfALargeCalendar_TakesNoMoreMemoryThanOfASmallOne(string format)
    {
        await DrainAsync("small", format);
        calendars.ForgetPeak();
        var before = calendars.Memory("VmRSS");

        var bytes = await DrainAsync("large", format);

        var growth = calendars.Memory("VmHWM") - before;
        Assert.True(bytes > 3 * MostGrowth, $"only {bytes >> 20} MB were exported");
        Assert.True(growth < MostGrowth, $"grew by {growth >> 20} MB from {before >> 20} MB while {bytes >> 20} MB were exported");
    }

    [Fact]
    public async Task Export_Large_HasEachEntryOnceInOrder()
    {
        using var response = await calendars.GetAsync("/api/calendar/large/export?format=json");
        await using var body = await response.Content.ReadAsStreamAsync();

        using var document = await JsonDocument.ParseAsync(body);

        var entries = document.RootElement.GetProperty("entries").EnumerateArray()
            .Select(entry => (At: entry.GetProperty("scheduledAt").GetDateTimeOffset(), Id: entry.GetProperty("entryId").GetString()!))
                .ToList();
        Assert.Equal(LargeCalendars.Large, entries.Select(entry => entry.Id).Distinct().Count());
        Assert.Equal(LargeCalendars.Large, entries.Count);
        Assert.Equal(entries.OrderBy(entry => entry.At).ThenBy(entry => entry.Id, StringComparer.Ordinal), entries);
    }

    [Fact]
    public async Task Export_ToClientsThatDoNotRead_WaitsForThemWithoutBuffering()
    {
        await DrainAsync("small", "csv");
        calendars.ForgetPeak();
        var before = calendars.Memory("VmRSS");
        var slow = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync("csv")));

        // Time enough for a server that does not wait to have read all eight calendars.
        await DrainAsync("large", "csv");

        var growth = calendars.Memory("VmHWM") - before;
        Assert.True(growth < 2 * MostGrowth, $"grew by {growth >> 20} MB for eight clients that do not read");
        Assert.Equal(0L, await BusyAsync());
        var bytes = await DrainAsync(slow[0].Body);
        Assert.True(bytes > 2 * MostGrowth, $"only {bytes >> 20} MB came after the pause");
        foreach (var (response, _) in slow)
            response.Dispose();
    }

    [Fact]
    public async Task Export_WhoseClientsLeave_EndsAndKeepsNothing()
    {
        var ended = Ended();
        // More than there are connections to the database.
        var clients = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => OpenAsync("json")));
        foreach (var (response, _) in clients)
            response.Dispose();

        await Eventually.TrueAsync("every export ended", () => Ended() == ended + clients.Length);
        // Not at once: the service's own probe of the database may be under way.
        await Eventually.TrueAsync("no session is kept", async () => await BusyAsync() == 0);
        using var alive = await calendars.GetAsync("/api/calendar/small?");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    // Half of one version and half of the next is a calendar that nobody saved.
    [Fact]
    public async Task Export_OfACalendarThatIsSavedMeanwhile_IsCutOff()
    {
        var (response, body) = await OpenAsync("csv");
        using (response)
        {
            await calendars.QueryAsync<int>("UPDATE calendars SET version = version + 1 WHERE id = 'large'; SELECT 1");

            await Assert.ThrowsAnyAsync<IOException>(() => DrainAsync(body));
        }

        Assert.True(await DrainAsync("large", "csv") > MostGrowth);
    }

    private Task<long> BusyAsync() => calendars.QueryAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND application_name <> 'test'");

    private int Ended() => calendars.Service.Log.Count(line =>
        line.TryGetProperty("route", out var route) && route.GetString() == "calendar-export" && line.TryGetProperty("durationMs", out _));

    /// <summary>Reads the beginning, so that the export is on its way.</summary>
    private async Task<(HttpResponseMessage Response, Stream Body)> OpenAsync(string format)
    {
        var response = await calendars.GetAsync($"/api/calendar/large/export?format={format}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[100]);
        return (response, body);
    }

    private async Task<long> DrainAsync(string calendar, string format)
    {
        using var response = await calendars.GetAsync($"/api/calendar/{calendar}/export?format={format}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await DrainAsync(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<long> DrainAsync(Stream body)
    {
        var (buffer, total) = (new byte[64 * 1024], 0L);
        while (await body.ReadAsync(buffer) is > 0 and var read)
            total += read;
        return total;
    }
}
