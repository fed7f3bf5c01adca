using System.Globalization;
using CsvHelper;
using ServiceDefaults.Wire;

namespace CalendarService.Export;

/// <summary>
/// A calendar as RFC 4180 CSV in UTF-8, row by row. List cells join their items with <c>|</c>;
/// <c>channel_statuses</c> holds <c>channel=status</c> items. See <see cref="CsvCell"/> for what is escaped.
/// </summary>
internal static class CalendarCsv
{
    private static readonly CsvWriterOptions Rfc4180 = CsvWriterOptions.Default with
    {
        // Although Excel wants one to read UTF-8 on a double click: for every program that reads the file the
        // mark becomes, silently, part of the first column's name. Import dialogs, Sheets and
        // LibreOffice read UTF-8 without it.
        WriteByteOrderMark = false,
        BufferSize = 16 * 1024,
    };

    /// <summary>
    /// Writes the header even when there are no rows. Leaves <paramref name="output"/> open and never writes to it synchronously.
    /// </summary>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<ExportRow> rows, CancellationToken cancel)
    {
        // The first row is fetched before the first byte, so that a store that is away can still be a 5xx.
        await using var row = rows.GetAsyncEnumerator(cancel);
        var more = await row.MoveNextAsync();

        await using var csv = CsvWriter.Create(output, Rfc4180, leaveOpen: true);
        await WriteLineAsync(csv, ExportColumns.All, cancel);
        for (; more; more = await row.MoveNextAsync())
            await WriteLineAsync(csv, Cells(row.Current), cancel);
    }

    /// <summary>Another tool's file.</summary>
    public static async Task WriteAsync(
        Stream output, ExportProfile profile, IEnumerable<string[]> rows, CancellationToken cancel)
    {
        await using var csv = CsvWriter.Create(output, Rfc4180, leaveOpen: true);
        if (profile.HasHeader)
            await WriteLineAsync(csv, profile.Columns, cancel);
        foreach (var row in rows)
            await WriteLineAsync(csv, row, cancel);
    }

    private static ValueTask WriteLineAsync(CsvWriter csv, IEnumerable<string> cells, CancellationToken cancel)
    {
        foreach (var cell in cells)
            csv.WriteField(cell, CsvCell.NeedsQuotes(cell) ? CsvQuoting.Always : CsvQuoting.WhenNeeded);
        return csv.EndRecordAsync(cancel);
    }

    // In the order of ExportColumns.All.
    private static IEnumerable<string> Cells(ExportRow row) =>
    [
        CsvCell.MakeInert(row.EntryId),
        CsvCell.MakeInert(row.CalendarId),
        CsvCell.MakeInert(row.RunId),
        row.ScheduledAt.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        CsvCell.MakeInert(row.Timezone),
        CsvCell.List(row.Channels),
        CsvCell.MakeInert(row.Status),
        CsvCell.List(row.ChannelStatuses.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}")),
        CsvCell.MakeInert(row.Text),
        CsvCell.MakeInert(row.Link),
        CsvCell.List(row.MediaUrls),
        CsvCell.List(row.Tags),
        CsvCell.MakeInert(row.Error),
        CsvCell.List(row.EditedFields),
        row.Version.ToString(CultureInfo.InvariantCulture),
    ];
}
