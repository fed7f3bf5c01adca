using System.Globalization;
using ServiceDefaults.Wire;

namespace Gateway.CommandLine;

/// <summary>The report for people, and as CSV.</summary>
internal static class RollbackText
{
    private static readonly string[] Columns =
        ["User", "Last active", "Calendars", "Entries", "Manual edits", "Runs", "Intents", "Let in by"];

    private static readonly string[] CsvColumns =
        ["user_id", "last_active_at", "calendars", "entries", "manual_edits", "runs", "intents", "let_in_by"];

    public static IEnumerable<string> Write(RollbackView report)
    {
        yield return $"{report.Service}: {Count(report.Users, "user")} {(report.Users == 1 ? "has" : "have")} something that is only here"
            + $"{(report.Since is { } since ? $", since {Time(since)}" : "")}: {Describe(report.Rows)}.";
        yield return $"{Count(report.ActiveUsers, "user")} made or changed something since {Time(report.ActiveSince)}"
            + (report.Active.Count == 0 ? "."
                : report.Active.Count < report.ActiveUsers ? Invariant($"; the latest {report.Active.Count}:") : ":");
        foreach (var line in report.Active.Count == 0 ? [] : Table([Columns, .. report.Active.Select(Cells)]))
            yield return line;
        yield return "";
        if (report.MovedBack is not { } moved)
        {
            yield return "Who of them would be moved back is not known: no config folder is at hand (--config).";
            yield break;
        }

        yield return $"A rollback of every flag moves {Count(moved.Users, "user")} of these back, who would not see "
            + $"{Describe(moved.Rows)}. Nothing of it is lost: who is let in again has it again.";
        if (report.Active.Count - moved.Users is > 0 and var outside)
            yield return $"{Count(outside, "user")} of these {(outside == 1 ? "is" : "are")} let in by no flag now.";
        yield return $"By {report.Folder}, revision {report.Revision}, with the first key of every flag taken as on"
            + $"{(report.HasGroups == true ? "; who is let in as one of a group alone is not known here" : "")}.";
    }

    /// <summary>RFC 4180; what a spreadsheet would run is made inert.</summary>
    public static string WriteCsv(RollbackView report) => string.Concat(report.Active
        .Select(user => (string[])[
            CsvCell.MakeInert(user.UserId), user.LastActiveAt.ToString("O", CultureInfo.InvariantCulture), .. Numbers(user.Rows),
            CsvCell.List(user.Flags ?? [])])
        .Prepend(CsvColumns)
        .Select(cells => string.Join(',', cells.Select(Quote)) + "\r\n"));

    private static string Quote(string cell) => CsvCell.NeedsQuotes(cell) ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;

    private static string[] Cells(RollbackViewUser user) =>
    [
        user.UserId, Time(user.LastActiveAt), .. Numbers(user.Rows),
        user.Flags is null ? "unknown" : user.Flags.Count == 0 ? "none" : string.Join(", ", user.Flags),
    ];

    private static IEnumerable<string> Numbers(RollbackRows rows) =>
        ((long[])[rows.Calendars, rows.Entries, rows.ManualEdits, rows.Runs, rows.Intents]).Select(number => Invariant($"{number}"));

    private static IEnumerable<string> Table(string[][] rows)
    {
        int[] widths = [.. Enumerable.Range(0, Columns.Length).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => "  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string Describe(RollbackRows rows) =>
        $"{Count(rows.Calendars, "calendar")}, {Count(rows.Entries, "entry", "entries")}, {Count(rows.ManualEdits, "manual edit")}, "
        + $"{Count(rows.Runs, "run")}, {Count(rows.Intents, "intent")}";

    private static string Count(long count, string one, string? many = null) =>
        Invariant($"{count} {(count == 1 ? one : many ?? one + "s")}");

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
