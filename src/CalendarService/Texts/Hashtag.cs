using System.Globalization;
using System.Text;

namespace CalendarService.Texts;

/// <summary>A phrase as one word that the networks link after a hash sign.</summary>
internal static class Hashtag
{
    // What twitter-text allows inside besides letters, marks and digits: joiners, and the points of Hebrew, Tibetan, Catalan and Japanese.
    private const string Joining = "\u200C\u200D\uA67E\u05BE\u05F3\u05F4\uFF5E\u301C\u309B\u309C\u30A0\u30FB\u3003\u0F0B\u0F0C\u00B7_";

    /// <returns>Empty when there is no letter or digit in it.</returns>
    public static string From(string phrase)
    {
        var tag = new StringBuilder(phrase.Length);
        foreach (var rune in Composition.Compose(phrase).EnumerateRunes())
        {
            // A mark or a joiner needs a letter to stand on.
            if (Rune.IsLetterOrDigit(rune) || (tag.Length > 0 && IsInner(rune)))
                tag.Append(Rune.ToLowerInvariant(rune).ToString());
        }

        return tag.ToString().TrimEnd([.. Joining]);
    }

    public static bool IsInner(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark
        || (rune.IsBmp && Joining.Contains((char)rune.Value));
}
