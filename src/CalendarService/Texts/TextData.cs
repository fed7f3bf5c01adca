namespace CalendarService.Texts;

/// <summary>The published tables under <c>Texts/Data</c>. Each says in its head where it comes from and when it was looked up.</summary>
internal static class TextData
{
    /// <summary>The lines below the head, which ends with the first empty line.</summary>
    public static IReadOnlyList<string> ReadLines(string name)
    {
        using var stream = typeof(TextData).Assembly.GetManifestResourceStream($"{typeof(TextData).Namespace}.Data.{name}.txt")!;
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        return [.. lines.SkipWhile(line => line.Length > 0).Skip(1).Where(line => line.Length > 0)];
    }

    /// <summary>Code points written as <c>0915-0939 0958</c>.</summary>
    public static IEnumerable<int> ParseCodePoints(string ranges)
    {
        foreach (var range in ranges.Split(' '))
        {
            var ends = range.Split('-');
            for (var at = Convert.ToInt32(ends[0], 16); at <= Convert.ToInt32(ends[^1], 16); at++)
                yield return at;
        }
    }
}
