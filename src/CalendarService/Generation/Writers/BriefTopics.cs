using System.Text;
using System.Text.RegularExpressions;
using CalendarService.Texts;

namespace CalendarService.Generation.Writers;

/// <summary>What a brief is about, as far as counting words can tell.</summary>
/// <param name="Subject">Its first sentence, short.</param>
/// <param name="Phrases">What it speaks of, commonest first, at least two.</param>
/// <param name="Link">The first web address in it.</param>
internal sealed partial record BriefTopics(string Subject, IReadOnlyList<string> Phrases, string? Link)
{
    private const int MaxSubject = 70;
    private const int MaxPhrases = 12;
    private const int MaxPhraseWords = 3;
    private const int MaxPhrase = 40;

    private static readonly string[] Fallback = ["our team", "the people behind it"];

    // Words that hold a sentence together, and those that tell a writer what to do.
    private static readonly HashSet<string> StopWords = new(
        """
        a about after all also an and any are as at be because been before being but by can could create day days did do does each
        every for from generate get had has have he her his how i if in into is it its just like make more most must my new
        no not of on only or other our out over per plan plus post posts promote announce share show she should so some such than
        that the their them then there these they this those through to up us very via want was we were what when
        where which while who why will with without would write you your
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    public static BriefTopics Find(string brief)
    {
        var whole = Composition.Compose(brief);
        var addresses = WebAddresses.Find(whole, AddressGrammar.AnyWeb).Where(address => !address.Bare).ToList();
        var link = addresses.Select(address => address.In(whole)).FirstOrDefault(found => Uri.TryCreate(found, UriKind.Absolute, out _));
        var text = Blank().Replace(Without(whole, addresses), " ").Trim();
        var phrases = PhrasesOf(text)
            .GroupBy(p => p, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(g => g.Count()) // Stable: ties stay in the order of the brief.
            .Take(MaxPhrases)
            .Select(g => g.First())
            .ToList();
        return new(SubjectOf(text), phrases.Count >= 2 ? phrases : [.. phrases, .. Fallback], link);
    }

    private static string Without(string text, IReadOnlyList<WebAddress> addresses)
    {
        var rest = new StringBuilder();
        var at = 0;
        foreach (var address in addresses)
        {
            rest.Append(text, at, address.Start - at).Append(' ');
            at = address.End;
        }

        return rest.Append(text, at, text.Length - at).ToString();
    }

    // Words between punctuation and stop words belong together (RAKE's idea).
    private static IEnumerable<string> PhrasesOf(string text)
    {
        foreach (var fragment in FragmentsOf(text))
        {
            var phrase = new List<string>();
            foreach (var word in fragment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("the"))
            {
                var ends = StopWords.Contains(word);
                if (!ends)
                    phrase.Add(word);
                if (!ends && phrase.Count < MaxPhraseWords)
                    continue;
                // By bytes: a word of two or three letters says little in Latin letters, and much in Han.
                if (string.Join(' ', phrase) is var whole && Encoding.UTF8.GetByteCount(whole) > 3 && !Characters.Exceed(whole, MaxPhrase)
                    && Hashtag.From(whole).Length > 0)
                    yield return Lowered(whole);
                phrase.Clear();
            }
        }
    }

    // Letters of any script with their marks, digits, and what stands inside of a word; a hyphen only there.
    private static IEnumerable<string> FragmentsOf(string text)
    {
        var fragment = new StringBuilder();
        foreach (var rune in Hyphen().Replace(text, "\n").EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Hashtag.IsInner(rune) || rune.Value is ' ' or '\'' or '’' or '-')
            {
                fragment.Append(rune.ToString());
                continue;
            }

            yield return fragment.ToString();
            fragment.Clear();
        }

        yield return fragment.ToString();
    }

    // Capitals of a sentence's start do not belong inside another sentence; those of a name do.
    private static string Lowered(string phrase) =>
        phrase.Contains(' ') && !phrase.AsSpan(1).ContainsAnyInRange('A', 'Z')
            ? char.ToLowerInvariant(phrase[0]) + phrase[1..]
            : phrase;

    private static string SubjectOf(string text)
    {
        var sentence = Characters.Split(Sentence().Match(text).Value).ToArray();
        if (sentence.Length == 0)
            return "Our next chapter";
        var subject = string.Concat(sentence.Take(MaxSubject));
        var word = subject.LastIndexOf(' ');
        return sentence.Length > MaxSubject && word > 0 ? subject[..word] : subject;
    }

    // Control characters too (a NUL is no text for Postgres), and halves of surrogate pairs.
    [GeneratedRegex(
        @"[\s\p{C}-[\p{Cf}\uD800-\uDFFF]]+|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]",
        RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    // Up to a mark that ends a sentence in whatever script, not the one in 1.5; all of it when there is none.
    [GeneratedRegex(@"^.*?(?=[.!?](?:\s|$)|[。！？؟۔।॥။།។]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();

    [GeneratedRegex("(?<= )-+|-+(?= )", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphen();
}
