using System.Text.RegularExpressions;
using CalendarService.Channels;

namespace CalendarService.Generation.Writers;

/// <summary>What a brief is about, as far as counting words can tell.</summary>
/// <param name="Subject">Its first sentence, short.</param>
/// <param name="Keywords">Its commonest words, at least two.</param>
/// <param name="Link">The first web address in it.</param>
internal sealed partial record BriefTopics(string Subject, IReadOnlyList<string> Keywords, string? Link)
{
    private const int MaxSubject = 70;
    private const int MaxKeywords = 12;

    private static readonly string[] Fallback = ["what comes next", "the first step"];

    private static readonly HashSet<string> StopWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "about", "after", "also", "because", "been", "before", "being", "could", "each", "from", "have", "into", "just",
        "like", "make", "more", "most", "must", "only", "other", "over", "post", "posts", "should", "some", "such", "than", "that",
        "their", "them", "then", "there", "these", "they", "this", "those", "very", "want", "well", "were", "what", "when",
        "where", "which", "while", "will", "with", "without", "would", "write", "your",
    };

    public static BriefTopics Of(string brief)
    {
        var link = Address().Match(brief) is { Success: true } match && Uri.IsWellFormedUriString(match.Value, UriKind.Absolute)
            ? match.Value
            : null;
        var text = Blank().Replace(Address().Replace(brief, " "), " ").Trim();
        var keywords = Word().Matches(text).Select(m => m.Value)
            .Where(w => !StopWords.Contains(w))
            .GroupBy(w => w, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(g => g.Count()) // Stable: ties stay in the order of the brief.
            .Take(MaxKeywords)
            .Select(g => g.First())
            .ToList();
        return new(SubjectOf(text), keywords.Count >= 2 ? keywords : [.. keywords, .. Fallback], link);
    }

    private static string SubjectOf(string text)
    {
        var sentence = TextLength.Elements(Sentence().Match(text).Value).ToArray();
        if (sentence.Length == 0)
            return "Our next chapter";
        var subject = string.Concat(sentence.Take(MaxSubject));
        var word = subject.LastIndexOf(' ');
        return sentence.Length > MaxSubject && word > 0 ? subject[..word] : subject;
    }

    [GeneratedRegex(@"https?://[^\s<>""]*[^\s<>"".,;:!?)\]}']", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    // Control characters too (a NUL is no text for Postgres), and halves of surrogate pairs.
    [GeneratedRegex(@"[\s\p{C}-[\p{Cf}\uD800-\uDFFF]]+|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    // Up to a mark that ends a sentence, not the one in 1.5; all of it when there is none.
    [GeneratedRegex(@"^.*?(?=[.!?](?:\s|$)|[。！？]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\b\p{L}[\p{L}\p{M}\p{Nd}'’-]{2,23}(?![\p{L}\p{M}\p{Nd}])", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
