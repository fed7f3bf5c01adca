namespace ServiceDefaults.Options;

/// <summary>What somebody meant who typed a name that does not exist.</summary>
public static class NearestName
{
    private const int ShortestPrefix = 3;

    /// <returns>Null when none is near enough to be a guess worth making.</returns>
    public static string? Find(string typed, IEnumerable<string> known)
    {
        var (nearest, least) = ((string?)null, int.MaxValue);
        foreach (var name in known)
        {
            var distance = Distance(typed.ToUpperInvariant(), name.ToUpperInvariant());
            // Half a word is meant as the whole, as "stat" is.
            var near = distance <= Math.Max(typed.Length, name.Length) / 3
                || (typed.Length >= ShortestPrefix && name.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
            if (near && distance < least)
                (nearest, least) = (name, distance);
        }

        return nearest;
    }

    /// <summary>Letters to insert, drop, replace, or swap with their neighbour.</summary>
    private static int Distance(string from, string to)
    {
        var (before, last, row) = (new int[to.Length + 1], new int[to.Length + 1], new int[to.Length + 1]);
        for (var j = 0; j <= to.Length; j++)
            last[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                row[j] = Math.Min(
                    Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return last[to.Length];
    }
}
