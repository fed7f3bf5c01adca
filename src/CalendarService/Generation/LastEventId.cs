using System.Globalization;
using CalendarService.Requests;
using Microsoft.Extensions.Primitives;

namespace CalendarService.Generation;

/// <summary>
/// The last event that a client has. A browser sends the header when it connects again; what cannot set headers (an EventSource made anew,
/// most polyfills) names it in the query. The header wins: the query of a page's address is as old as the page.
/// </summary>
internal static class LastEventId
{
    private const string Header = "Last-Event-ID";

    // Of the EventSource polyfills and of Mercure, and those who took the header's name; in any case, as all names of a query.
    private static readonly string[] Parameters = ["lastEventId", Header];

    /// <returns>0 when nothing was said.</returns>
    /// <exception cref="RefusedException">It is no event's id.</exception>
    public static long From(HttpContext context)
    {
        if (Text(context.Request.Headers[Header]) is { } sent)
            return Parse(Header, sent);
        foreach (var name in Parameters)
        {
            if (Text(context.Request.Query[name]) is { } named)
                return Parse(name, named);
        }

        return 0;
    }

    // Empty is what a client says that has none yet.
    private static string? Text(StringValues values) => values.ToString() is { Length: > 0 } text ? text : null;

    private static long Parse(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? seq
            : throw RefusedException.Invalid(name, "has to be the id of an event of this stream, which is a whole number");
}
