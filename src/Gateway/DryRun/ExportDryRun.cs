using System.Globalization;
using Gateway.Exchanges;
using ServiceDefaults.Problems;
using ServiceDefaults.Wire;

namespace Gateway.DryRun;

/// <summary>
/// An export in the real one's shape with one placeholder entry: a frontend can be tried against it, and nobody can mistake it for
/// a saved calendar.
/// </summary>
internal static class ExportDryRun
{
    private const string Notice = "dryRun: true. Placeholder, the saved calendar was not read.";
    private static readonly DateTimeOffset Placeholder = new(2000, 1, 1, 9, 0, 0, TimeSpan.Zero);

    public static Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return DryRunResponder.WrongMethodAsync(context, "GET, HEAD");
        var calendarId = context.GetExchange().Fields.CalendarId ?? "";
        if (!ExportQuery.TryRead(context.Request.Query, out var asked, out var fault))
        {
            return (Problem.For(context, StatusCodes.Status400BadRequest, fault!.Code, fault.Detail) with { Errors = fault.Errors })
                .WriteAsync(context);
        }

        return asked.Profile is { } profile ? WriteProfileAsync(context, profile)
            : asked.Csv ? WriteCsvAsync(context, calendarId)
            : WriteJsonAsync(context, calendarId);
    }

    private static Task WriteJsonAsync(HttpContext context, string calendarId) => context.Response.WriteAsJsonAsync(
        new
        {
            calendarId,
            runId = (string?)null,
            title = Notice,
            timezone = "Etc/UTC",
            version = 0,
            dryRun = true,
            entries = new[]
            {
                new Entry("dry-run", Placeholder, "Etc/UTC", ["dry-run"], "draft", Notice, null, [], [], [], 0),
            },
        },
        context.RequestAborted);

    private static Task WriteCsvAsync(HttpContext context, string calendarId)
    {
        // The calendar id comes from the path and is the one cell that could carry a quote or a formula.
        var id = "\"" + (calendarId is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" : "") + calendarId.Replace("\"", "\"\"") + "\"";
        context.Response.ContentType = "text/csv; charset=utf-8";
        return context.Response.WriteAsync(
            string.Join(',', ExportColumns.All) + "\r\n"
            + $"dry-run,{id},,2000-01-01T09:00:00+00:00,Etc/UTC,dry-run,draft,,\"{Notice}\",,,,,,0\r\n",
            context.RequestAborted);
    }

    // Its time is long past, so that the tool refuses what somebody uploads by mistake.
    private static Task WriteProfileAsync(HttpContext context, ExportProfile profile)
    {
        var cells = profile.Columns.Select(column => column switch
        {
            "Message" or "Text" => $"\"{Notice}\"",
            "Date" or "Posting Time" => Placeholder.ToString(profile.TimeFormat, CultureInfo.InvariantCulture),
            _ => "",
        });
        context.Response.ContentType = profile.ContentType;
        return context.Response.WriteAsync(
            (profile.HasHeader ? string.Join(',', profile.Columns) + "\r\n" : "") + string.Join(',', cells) + "\r\n",
            context.RequestAborted);
    }
}
