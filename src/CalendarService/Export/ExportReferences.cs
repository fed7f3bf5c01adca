using CalendarService.Requests;
using ServiceDefaults.OpenApi;

namespace CalendarService.Export;

/// <summary>The JSON of an export, as <see cref="CalendarJson"/> writes it row by row.</summary>
internal sealed record ExportedCalendar(
    string CalendarId, string? RunId, string Title, string Timezone, long Version, IReadOnlyList<ExportRow> Entries);

/// <summary>What the OpenAPI document says of the endpoint of <see cref="ExportApi"/>.</summary>
internal static class ExportReferences
{
    public static readonly OperationReference Export = new("The saved calendar as a file, manual edits included")
    {
        Parameters =
        [
            RequestReferences.User, RequestReferences.CalendarPath,
            ParameterReference.Query("format", "json, which is the default, or csv."),
            ParameterReference.Query("profile", "hootsuite or buffer: the CSV that this tool imports."),
            ParameterReference.Query("channel", "Only entries of this channel."),
            ParameterReference.Query("from", "Only entries from here on: a date, or an RFC 3339 time."),
            ParameterReference.Query("to", "Only entries before this: a date, or an RFC 3339 time."),
            ParameterReference.Query("timezone", "With a profile: the IANA zone of its times."),
        ],
        Headers = [RequestReferences.CalendarId, RequestReferences.RunId],
        Answers =
        [
            new(200, "The file.")
            {
                Body = typeof(ExportedCalendar),
                Example =
                    """
                    {"calendarId":"launch","runId":"019ab4c2-7d1e-7f60-9c55-2f4be1d0a001","title":"Launch of a coffee brand",
                    "timezone":"Europe/Berlin","version":2,"entries":[{"entryId":"2099-12-01-1","calendarId":"launch","runId":null,
                    "scheduledAt":"2099-12-01T13:00:00+01:00","timezone":"Europe/Berlin","channels":["linkedin","x"],"status":"draft",
                    "channelStatuses":{"x":"dry_run_ok"},"text":"Open on Saturday.","link":"https://shop.example/","mediaUrls":[],
                    "tags":["coffee"],"error":null,"editedFields":["link"],"version":2}]}
                    """,
                Texts = [("text/csv", CsvExample)],
                Headers =
                [
                    new("Content-Disposition", "attachment, with a file name."),
                    new(ExportApi.NotesHeader, "With a profile: where the file differs from the calendar."),
                ],
            },
        ],
        Problems =
        [
            .. RequestReferences.Read, RequestReferences.Validation, new(400, "unknown-format"), new(400, "unknown-profile"),
            new(400, "profile-needs-csv"), RequestReferences.CalendarNotFound, new(409, "calendar-changing"), new(422, "too-many-rows"),
        ],
    };

    private const string CsvExample =
        "entry_id,calendar_id,run_id,scheduled_at,timezone,channels,status,channel_statuses,text,link,media_urls,tags,error,"
        + "edited_fields,version\r\n2099-12-01-1,launch,,2099-12-01T13:00:00+01:00,Europe/Berlin,linkedin|x,draft,x:dry_run_ok,"
        + "Open on Saturday.,https://shop.example/,,coffee,,link,2\r\n";
}
