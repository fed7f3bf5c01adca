using System.Globalization;
using CalendarService.Requests;
using Microsoft.Net.Http.Headers;

namespace CalendarService.Calendars;

/// <summary>RFC 9110 preconditions on a calendar, whose entity tag is its version.</summary>
internal static class Preconditions
{
    public static void SetVersion(this HttpContext context, CalendarHead head)
    {
        // While the first run adds entries under one version, a tag would let a cache keep half a calendar.
        if (!head.Filling)
            context.Response.Headers.ETag = Tag(head.Version);
    }

    public static bool IsNotModified(HttpContext context, CalendarHead head) =>
        !head.Filling && context.Request.Headers.IfNoneMatch.Count > 0
        && VersionTag.Matches(context.Request.Headers.IfNoneMatch, head.Version);

    /// <summary>The client wants to create, and only to create.</summary>
    public static bool AsksToCreate(HttpContext context) => context.Request.Headers.IfNoneMatch.ToString().Trim() == "*";

    /// <exception cref="RefusedException">428: the client does not say what it saw.</exception>
    public static void RequireIfMatch(HttpContext context)
    {
        if (context.Request.Headers.IfMatch.Count > 0)
            return;
        throw new RefusedException(
            StatusCodes.Status428PreconditionRequired, "precondition-required",
            "Send If-Match with the ETag of the calendar that you changed, so that nobody's work is overwritten.");
    }

    /// <exception cref="RefusedException">412: somebody else saved in between.</exception>
    public static void CheckIfMatch(HttpContext context, CalendarHead head)
    {
        var given = context.Request.Headers.IfMatch;
        if (VersionTag.Matches(given, head.Version))
            return;
        throw Stale(head, VersionTag.AreAll(given)
            ? $"The calendar is at version {head.Version} by now. Load it again and repeat your change."
            : $"If-Match is no entity tag of a calendar. Send its ETag as it is, in its quotes: {Tag(head.Version)} is the latest.");
    }

    public static RefusedException AlreadyExists(CalendarHead head) =>
        Stale(head, "You already have a calendar with this id.");

    private static RefusedException Stale(CalendarHead head, string detail) => new(
        StatusCodes.Status412PreconditionFailed, "precondition-failed", detail)
    {
        Headers = [(HeaderNames.ETag, Tag(head.Version))],
        Members = new Dictionary<string, object>(StringComparer.Ordinal) { ["version"] = head.Version },
    };

    private static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
}
