using System.Globalization;

namespace Gateway.Diff;

/// <summary>The comparison for people: first what the files say differently, then who goes where, route by route.</summary>
internal static class DiffText
{
    /// <param name="all">Every change and user; otherwise <paramref name="most"/> of each.</param>
    public static IEnumerable<string> Write(DiffReport report, bool isOfFile, bool all, int most)
    {
        yield return $"Compared as if: {report.Assumes}.";
        yield return report.Changes.Count == 0 ? "The files say the same." : "What the files say differently:";
        foreach (var change in report.Changes.Take(all ? int.MaxValue : most))
            yield return $"  {change.Text}";
        if (!all && report.Changes.Count > most)
            yield return string.Create(CultureInfo.InvariantCulture, $"  … and {report.Changes.Count - most} more; --all prints them");
        foreach (var route in report.Unsampled)
            yield return $"No request could be made up for route {route}: who moves there is not known.";
        foreach (var line in report.Routes.SelectMany(route => Write(route, report, isOfFile, all, most)))
            yield return line;
        yield return "";
        yield return isOfFile ? $"{Users(report.Moving, report.Users)} move" : Totals(report);
    }

    private static IEnumerable<string> Write(DiffRoute route, DiffReport report, bool isOfFile, bool all, int most)
    {
        yield return "";
        var total = isOfFile
            ? $"{Users(route.Moving, report.Users)} move"
            : $"{Percent(route.Moves.Where(m => m.IsMove).Sum(m => m.Shares[0].Percentage))} of users move";
        yield return $"{NameOf(route)} ({Example(route)}): {total}";
        var printed = 0;
        foreach (var move in route.Moves.Where(m => m.IsMove))
        {
            foreach (var user in move.Users.Take(all ? int.MaxValue : most - printed))
            {
                printed++;
                yield return $"  {user} moves {Way(move)}";
            }
        }

        if (route.Moves.Where(m => m.IsMove).Sum(m => m.Count) - printed is > 0 and var more)
            yield return string.Create(CultureInfo.InvariantCulture, $"  … and {more} more; --all prints them");
        foreach (var (whose, move) in route.Moves.Where(m => m.IsMove).SelectMany(m => Shares(m).Select(whose => (whose, m))))
            yield return $"  {whose} move {Way(move)}";
        foreach (var line in route.Moves.Where(m => !m.IsMove).SelectMany(m => Stay(m, isOfFile)))
            yield return line;
    }

    /// <summary>The same backend answers, by another route or at another address.</summary>
    private static IEnumerable<string> Stay(DiffMove move, bool isOfFile)
    {
        var addresses = move.FromAddresses == move.ToAddresses ? "" : $", which is {move.ToAddresses} instead of {move.FromAddresses}";
        if (move.Count > 0)
        {
            var some = move.Count == 1 ? "user stays" : "users stay";
            yield return string.Create(CultureInfo.InvariantCulture, $"  {move.Count} {some} at {move.To}{addresses}");
        }

        foreach (var whose in isOfFile && move.Count > 0 ? [] : Shares(move))
            yield return $"  {whose} stay at {move.To}{addresses}";
    }

    private static IEnumerable<string> Shares(DiffMove move)
    {
        foreach (var share in move.Shares.Where(share => share.Percentage > 0))
            yield return $"{Percent(share.Percentage)} of users in {(share.Group is { } group ? $"group {group}" : "no group")}";
        if (move.Anonymous)
            yield return "requests of nobody";
    }

    private static string Totals(DiffReport report)
    {
        var groups = report.Shares.Skip(1).Where(s => s.Percentage > 0).Select(s => $", {Percent(s.Percentage)} in group {s.Group}");
        var named = report.Users > 0 ? $", {Users(report.Moving, report.Users)} that the folders name" : "";
        return $"{Percent(report.Shares[0].Percentage)} of users move{string.Concat(groups)}{named} "
            + string.Create(CultureInfo.InvariantCulture, $"({report.Shares[0].Sample} made-up users; --users FILE takes yours)");
    }

    private static string Way(DiffMove move) => $"from {move.From} ({move.Was}) to {move.To} ({move.Becomes})";

    private static string NameOf(DiffRoute route) =>
        route.Before == route.After ? route.After! : $"{route.Before ?? "no route"} → {route.After ?? "no route"}";

    private static string Example(DiffRoute route) => string.Create(CultureInfo.InvariantCulture,
        $"{route.Requests[0]}{(route.RequestCount > 1 ? $" and {route.RequestCount - 1} like it" : "")}");

    private static string Users(int some, int all) => string.Create(CultureInfo.InvariantCulture, $"{some} of {all} users");

    private static string Percent(double percentage) => string.Create(CultureInfo.InvariantCulture, $"{percentage:0.##} %");
}
