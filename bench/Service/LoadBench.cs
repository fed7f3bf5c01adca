using Npgsql;

namespace ServiceBench;

/// <summary>Loads of a calendar of 1,000 entries, and the same rows read by a bare query, in turns.</summary>
internal static class LoadBench
{
    private const int Entries = 1_000;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(int rounds, int seconds)
    {
        await using var rig = await Rig.StartAsync();
        await rig.CreateCalendarAsync("user-0", "large", Entries, "bluesky");
        await Clients.WriteAsync($"{rounds} rounds of {seconds} s each, a calendar of {Entries} entries");
        await Clients.WriteAsync($"{"",-34} {"loads/s",10} {"p50 ms",8} {"p99 ms",8}");
        foreach (var clients in (int[])[1, 4])
        {
            var time = TimeSpan.FromSeconds(seconds);
            await Clients.RunAsync(clients, Warm, _ => LoadAsync(rig));
            var (loaded, queried) = (Sample.None, Sample.None);
            for (var round = 0; round < rounds; round++)
            {
                loaded += await Clients.RunAsync(clients, time, _ => LoadAsync(rig));
                queried += await Clients.RunAsync(clients, time, _ => QueryAsync(rig.Database));
            }

            await RowAsync($"bare query, {clients} at once", queried);
            await RowAsync($"service, {clients} at once", loaded);
            await Clients.WriteAsync(
                $"ratio of the medians {loaded.Percentile(50) / queried.Percentile(50):0.00}; p99 {loaded.Percentile(99):0.0} ms (target under 20)");
        }
    }

    private static Task RowAsync(string name, Sample sample) =>
        Clients.WriteAsync($"{name,-34} {sample.PerSecond,10:0} {sample.Percentile(50),8:0.0} {sample.Percentile(99),8:0.0}");

    private static async Task<int> LoadAsync(Rig rig)
    {
        using var answer = await rig.SendAsync(HttpMethod.Get, "/api/calendar/large", "user-0", null);
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null);
        return 1;
    }

    private static async Task<int> QueryAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT id, scheduled_at, timezone, channels, status, text, link, media_urls, tags, edited_fields, version, run_id, removed
            FROM entries WHERE user_id = 'user-0' AND calendar_id = 'large' AND removed IS NULL ORDER BY scheduled_at, id
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        var (row, rows) = (new object[reader.FieldCount], 0);
        while (await reader.ReadAsync())
        {
            reader.GetValues(row);
            rows++;
        }

        return rows == Entries ? 1 : throw new InvalidOperationException($"{rows} rows");
    }
}
