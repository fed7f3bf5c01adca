using System.Globalization;
using CalendarService.Calendars;
using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Runs;

namespace CalendarService.Generation;

/// <summary>The rules for the body of a generation.</summary>
internal sealed class GenerateForm(EntryForm entryForm, LimitsOptions limits)
{
    public const int MostDays = 90;
    public const int MostPostsPerDay = 5;

    public async Task<GenerateCommand> ReadAsync(HttpContext context)
    {
        using var body = await JsonBody.ReadAsync(context, limits.BodyBytes);
        var form = new JsonForm(body.RootElement);
        var calendarId = form.OptionalText("calendarId", int.MaxValue);
        if (calendarId is not null && !CalendarId.TryParse(calendarId, out _))
            form.Fault("calendarId", CalendarId.LegalRange);
        var command = new GenerateCommand(
            calendarId,
            form.Text("brief", limits.BriefLength),
            Date(form),
            form.Number("days", 1, MostDays),
            form.Number("postsPerDay", 1, MostPostsPerDay),
            entryForm.ChannelsOf(form),
            entryForm.Zone(form));
        form.ThrowIfFaulty();
        return command;
    }

    private static DateOnly Date(JsonForm form)
    {
        var text = form.Text("startDate", 64);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year is >= 2000 and < 2200)
            return date;
        if (text.Length > 0)
            form.Fault("startDate", "has to be a date from 2000-01-01 to 2199-12-31, written as 2026-11-21");
        return default;
    }
}
