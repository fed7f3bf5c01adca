using System.IO.Pipelines;
using System.Text.Json;
using CalendarService.Calendars;

namespace CalendarService.Export;

/// <summary>A calendar as one JSON document, written row by row.</summary>
internal static class CalendarJson
{
    private const int FlushAt = 16 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task WriteAsync(
        PipeWriter output, CalendarHead head, IAsyncEnumerable<ExportRow> rows, CancellationToken cancel)
    {
        // The first row is fetched before the first byte, so that a store that is away can still be a 5xx.
        await using var row = rows.GetAsyncEnumerator(cancel);
        var more = await row.MoveNextAsync();

        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("calendarId", head.CalendarId);
        json.WriteString("runId", head.LatestRunId);
        json.WriteString("title", head.Title);
        json.WriteString("timezone", head.Timezone);
        json.WriteNumber("version", head.Version);
        json.WriteStartArray("entries");
        for (; more; more = await row.MoveNextAsync())
        {
            JsonSerializer.Serialize(json, row.Current, Json);
            if (output.UnflushedBytes > FlushAt)
                await output.FlushAsync(cancel);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
