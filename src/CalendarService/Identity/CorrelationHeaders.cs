using CalendarService.Requests;
using ServiceDefaults.Correlation;

namespace CalendarService.Identity;

/// <summary>
/// Tells the completion line, and through response headers the gateway's log, what the request was about.
/// </summary>
internal static class CorrelationHeaders
{
    /// <exception cref="RefusedException">404: no calendar can have this id, and it is not fit for a header or a query.</exception>
    public static void TagCalendar(this HttpContext context, string calendarId)
    {
        if (!CalendarId.TryParse(calendarId, out _))
            throw RefusedException.CalendarNotFound(calendarId);
        if (context.Features.Get<RequestFields>() is { } fields)
            fields.CalendarId = calendarId;
        context.Response.Headers["X-Calendar-Id"] = calendarId;
    }

    public static void TagRun(this HttpContext context, string? runId)
    {
        // What a client names has not been looked up yet; ours are of the same shape as a calendar's.
        if (!CalendarId.TryParse(runId, out _))
            return;
        if (context.Features.Get<RequestFields>() is { } fields)
            fields.RunId = runId;
        context.Response.Headers["X-Run-Id"] = runId;
    }

    public static void TagChannels(this HttpContext context, IEnumerable<string> channels)
    {
        var joined = string.Join(',', channels.Distinct().Order(StringComparer.Ordinal));
        if (joined.Length == 0)
            return;
        if (context.Features.Get<RequestFields>() is { } fields)
            fields.Channel = joined;
        context.Response.Headers["X-Channels"] = joined;
    }

    public static void TagOutcome(this HttpContext context, string outcome) =>
        context.Response.Headers["X-Publish-Outcome"] = outcome;
}
