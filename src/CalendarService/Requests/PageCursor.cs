using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CalendarService.Requests;

/// <summary>Where the next page starts: after the row with this time and id. Opaque to clients.</summary>
internal sealed record PageCursor(DateTimeOffset At, string Id)
{
    /// <summary>Before every row of a list that shows the newest first.</summary>
    public static readonly PageCursor Newest = new(new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero), "");

    public static PageCursor From(HttpContext context)
    {
        var text = context.Request.Query["cursor"].ToString();
        if (text.Length == 0)
            return Newest;
        if (text.Length <= 256 && Base64Url.IsValid(text)
            && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|', 2) is [var ticks, var id]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var utc)
            && utc <= DateTimeOffset.MaxValue.Ticks && !id.Contains('\0', StringComparison.Ordinal))
            return new(new DateTimeOffset(utc, TimeSpan.Zero), id);
        throw RefusedException.Invalid("cursor", "is not one that a page of this list gave");
    }

    public static int LimitFrom(HttpContext context)
    {
        const int Most = 200;
        var text = context.Request.Query["limit"].ToString();
        if (text.Length == 0)
            return 50;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= Most)
            return limit;
        throw RefusedException.Invalid("limit", $"has to be from 1 to {Most}");
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}|{Id}")));
}

/// <param name="NextCursor">Null on the last page.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <param name="rows">One more than <paramref name="limit"/> when there is another page.</param>
    public static Page<T> Cut(IReadOnlyList<T> rows, int limit, Func<T, PageCursor> cursor) =>
        rows.Count <= limit ? new(rows, null) : new([.. rows.Take(limit)], cursor(rows[limit - 1]).ToString());
}
