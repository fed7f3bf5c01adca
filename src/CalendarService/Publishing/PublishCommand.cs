using CalendarService.Requests;

namespace CalendarService.Publishing;

/// <param name="EntryIds">Null means: every entry that is not published.</param>
internal sealed record PublishCommand(string CalendarId, string? RunId, IReadOnlyList<string>? EntryIds, bool DryRun)
{
    public const int MostEntries = 10_000;

    public static async Task<PublishCommand> ReadAsync(HttpContext context, LimitsOptions limits)
    {
        using var body = await JsonBody.ReadAsync(context, limits.BodyBytes);
        var form = new JsonForm(body.RootElement);
        var calendarId = form.Text("calendarId", int.MaxValue);
        if (calendarId.Length > 0 && !Identity.CalendarId.TryParse(calendarId, out _))
            form.Fault("calendarId", Identity.CalendarId.LegalRange);
        if (form.IsEmptyArray("entryIds"))
            form.Fault("entryIds", "names no entry; leave it out to publish every entry that is not published");
        var command = new PublishCommand(
            calendarId,
            form.OptionalText("runId", 64),
            form.Has("entryIds") ? [.. form.Texts("entryIds", MostEntries, 64).Distinct()] : null,
            form.Flag("dryRun", otherwise: true));
        form.ThrowIfFaulty();
        return command;
    }
}
