using ServiceDefaults.Correlation;

namespace Gateway.Fallback;

/// <summary>The calendar or run that a calendar path names, for the log line of a request that no backend saw.</summary>
internal static class CalendarPath
{
    private const string Prefix = "/api/calendar/";

    public static void Read(HttpContext context, RequestFields fields)
    {
        var path = context.Request.Path.Value.AsSpan();
        if (!path.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return;
        var rest = path[Prefix.Length..];
        var first = Segment(ref rest);
        if (first is "runs")
            fields.RunId = Segment(ref rest) is { Length: > 0 } run ? run.ToString() : null;
        else if (first.Length > 0 && first is not "generate")
            fields.CalendarId = first.ToString();
    }

    private static ReadOnlySpan<char> Segment(ref ReadOnlySpan<char> rest)
    {
        var slash = rest.IndexOf('/');
        var segment = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? [] : rest[(slash + 1)..];
        return segment;
    }
}
