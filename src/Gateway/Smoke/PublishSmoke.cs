using System.Net;
using System.Text.Json;

namespace Gateway.Smoke;

/// <summary>
/// The runbook's smoke with publishing on: a dry-run publish makes rows and nothing else, and the export is what was saved.
/// </summary>
internal sealed class PublishSmoke(SmokeClient client, SmokeReport report, SmokeOptions options, Func<Task<JsonElement>> load)
{
    private const string In = "in-cohort";
    private const string Calendar = "calendar";

    private readonly string _path = $"/api/calendar/{options.CalendarId}";

    /// <summary>The request of the publish, for the logs.</summary>
    public SmokeAnswer? Published { get; private set; }

    public int Intents { get; private set; }

    /// <returns>The channels to use: those asked for, or two that can be published to.</returns>
    public async Task<IReadOnlyList<string>> ChannelsAsync()
    {
        IReadOnlyList<string> channels = options.Channels;
        await report.CheckAsync("channels", async () =>
        {
            var answer = (await client.GetAsync("/api/publish/channels")).By(In, Calendar).With(HttpStatusCode.OK);
            var all = answer.Json.EnumerateArray().ToList();
            var configured = all.Where(c => c.GetProperty("configured").GetBoolean()).Select(c => c.GetProperty("channel").GetString()!)
                .ToList();
            if (channels.Count == 0)
                channels = [.. SmokePlan.TextChannels.Where(configured.Contains).Take(2)];
            if (channels.Count == 0)
                throw new SmokeFailedException($"no channel that takes text is configured, of {all.Count}");
            if (channels.Except(configured).ToArray() is { Length: > 0 } missing)
                throw new SmokeFailedException($"not configured: {string.Join(", ", missing)}");
            var others = all.Select(c => c.GetProperty("channel").GetString()!).Except(configured).ToArray();
            var unconfigured = others.Length > 0 ? $", not {string.Join(", ", others)}" : "";
            return $"{configured.Count} of {all.Count} configured{unconfigured}; publishing to {string.Join(", ", channels)}";
        });
        return channels.Count > 0 ? channels : [.. SmokePlan.TextChannels.Take(2)];
    }

    public async Task RunAsync()
    {
        await report.StepAsync("publish", PublishAsync);
        await report.StepAsync("intents", IntentsAsync);
        await report.StepAsync("export-json", ExportJsonAsync);
        await report.StepAsync("export-csv", ExportCsvAsync);
    }

    private async Task<string> PublishAsync()
    {
        var wanted = Pairs(await load());
        var first = await SendAsync();
        (Published, Intents) = (first, first.Json.GetProperty("intents").GetArrayLength());
        report.Leaves($"{Intents} dry-run intents of calendar {options.CalendarId}");
        var answer = first.Json;
        var bad = answer.GetProperty("intents").EnumerateArray().Where(i => i.GetProperty("status").GetString() != "dry_run_ok").ToArray();
        if (bad.Length > 0 || answer.GetProperty("outcome").GetString() != "ok")
            throw new SmokeFailedException($"outcome {answer.GetProperty("outcome")}: {string.Join("; ", bad.Select(b => b.ToString()))}");
        if (!answer.GetProperty("dryRun").GetBoolean())
            throw new SmokeFailedException("the answer says dryRun: false");
        var got = answer.GetProperty("intents").EnumerateArray().Select(i => $"{i.GetProperty("entryId")} on {i.GetProperty("channel")}");
        if (!got.Order(StringComparer.Ordinal).SequenceEqual(wanted, StringComparer.Ordinal))
            throw new SmokeFailedException($"{string.Join(", ", wanted)} were to be published, the answer has {string.Join(", ", got)}");
        if (Ids((await SendAsync()).Json.GetProperty("intents")) is var again && !again.SequenceEqual(Ids(answer.GetProperty("intents"))))
            throw new SmokeFailedException("the same key made other intents");
        return $"{first.Summary}: {Intents} intents, one an entry and channel, all dry_run_ok, dryRun true; the same key got the same";
    }

    private async Task<SmokeAnswer> SendAsync() => (await client.SendAsync(
        HttpMethod.Post, "/api/publish", new { calendarId = options.CalendarId, dryRun = true }, ("Idempotency-Key", client.RunName)))
        .By(In, Calendar).With(HttpStatusCode.OK, HttpStatusCode.MultiStatus);

    private async Task<string> IntentsAsync()
    {
        var listed = (await client.GetAsync($"/api/publish/intents?calendarId={options.CalendarId}&limit=200"))
            .By(In, Calendar).With(HttpStatusCode.OK).Json.GetProperty("items").EnumerateArray().ToArray();
        foreach (var id in Ids(Published!.Json.GetProperty("intents")))
        {
            var rows = listed.Where(i => i.GetProperty("intentId").GetString() == id).ToArray();
            if (rows.Length != 1 || rows[0].GetProperty("status").GetString() != "dry_run_ok")
                throw new SmokeFailedException(
                    $"intent {id} was answered, and {(rows.Length == 0 ? "no row has it" : $"its rows are {string.Join("; ", rows)}")}");
        }

        return $"{Intents} rows, one an intent of the answer, all dry_run_ok";
    }

    private async Task<string> ExportJsonAsync()
    {
        var (saved, export) = (await load(), await ExportAsync("json"));
        var rows = export.Json.GetProperty("entries").EnumerateArray().ToList();
        Same(saved, rows.Count);
        foreach (var entry in saved.GetProperty("entries").EnumerateArray())
        {
            var row = rows.Find(r => r.GetProperty("entryId").GetString() == entry.GetProperty("entryId").GetString());
            foreach (var field in (string[])["entryId", "scheduledAt", "timezone", "channels", "status", "text", "editedFields"])
            {
                if (row.ValueKind != JsonValueKind.Object || !JsonElement.DeepEquals(row.GetProperty(field), entry.GetProperty(field)))
                    throw new SmokeFailedException(
                        $"{field} of {entry.GetProperty("entryId")} is exported as {row}, saved as {entry.GetProperty(field)}");
            }

            if (entry.GetProperty("channels").EnumerateArray()
                .Any(c => row.GetProperty("channelStatuses").GetProperty(c.GetString()!).GetString() != "dry_run_ok"))
                throw new SmokeFailedException(
                    $"channel statuses of {entry.GetProperty("entryId")} are {row.GetProperty("channelStatuses")}");
        }

        return $"{export.Summary}: {rows.Count} entries as saved, with the edit, channels, status and the status on each channel";
    }

    private async Task<string> ExportCsvAsync()
    {
        var (saved, export) = (await load(), await ExportAsync("csv"));
        var rows = SmokeCsv.Parse(export.Body);
        Same(saved, rows.Count);
        foreach (var entry in saved.GetProperty("entries").EnumerateArray())
        {
            var row = rows.FirstOrDefault(r => r["entry_id"] == entry.GetProperty("entryId").GetString());
            var channels = string.Join('|', entry.GetProperty("channels").EnumerateArray().Select(c => c.GetString()));
            // An apostrophe in front keeps a spreadsheet from running a cell.
            var same = row is not null && row["channels"] == channels && row["status"] == entry.GetProperty("status").GetString()
                && row["text"].TrimStart('\'').ReplaceLineEndings() == entry.GetProperty("text").GetString()!.TrimStart('\'')
                .ReplaceLineEndings();
            if (!same || row!["channel_statuses"].Length == 0)
                throw new SmokeFailedException(
                    $"{entry.GetProperty("entryId")} is exported as {(row is null ? "nothing" : string.Join(',', row.Values))}");
        }

        return $"{export.Summary}: {rows.Count} rows as saved, in the contract's {ServiceDefaults.Wire.ExportColumns.All.Count} columns";
    }

    private async Task<SmokeAnswer> ExportAsync(string format) =>
        (await client.GetAsync($"{_path}/export?format={format}")).By(In, Calendar).With(HttpStatusCode.OK);

    private static void Same(JsonElement saved, int rows)
    {
        if (saved.GetProperty("entries").GetArrayLength() is var entries && entries != rows)
            throw new SmokeFailedException($"{entries} entries are saved, {rows} are exported");
    }

    private static string[] Ids(JsonElement intents) =>
        [.. intents.EnumerateArray().Select(i => i.GetProperty("intentId").GetString()!).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<string> Pairs(JsonElement calendar) =>
    [
        .. (from entry in calendar.GetProperty("entries").EnumerateArray()
            from channel in entry.GetProperty("channels").EnumerateArray()
            select $"{entry.GetProperty("entryId")} on {channel}").Order(StringComparer.Ordinal),
    ];
}
