using ServiceDefaults.Logging;

namespace CalendarService.Identity;

/// <summary>
/// Tells the completion line, and through response headers the gateway's log, what the request was about.
/// </summary>
internal static class CorrelationHeaders
{
    public static void TagCalendar(this HttpContext context, string calendarId)
    {
        if (context.Features.Get<RequestFields>() is { } fields)
            fields.CalendarId = calendarId;
        context.Response.Headers["X-Calendar-Id"] = calendarId;
    }

    public static void TagRun(this HttpContext context, string? runId)
    {
        if (runId is null)
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
