using CalendarService.Texts;

namespace CalendarService.Tests.Texts;

public sealed class CompositionTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Cafe\u0301 Gro\u0308ße", "Café Größe")]
    [InlineData("Vie\u0323\u0302t Nam", "Việt Nam")] // Marks of two classes, in either order.
    [InlineData("Vie\u0302\u0323t Nam", "Việt Nam")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [InlineData("\uD55C\u11AB", "\uD55C\u11AB")] // A syllable that has its tail takes no other.
    [InlineData("\uAC00\u11A8", "각")]
    [InlineData("\u212B \u2126", "Å Ω")] // Singletons.
    [InlineData("\u0958", "\u0915\u093C")] // Excluded from composition.
    [InlineData("a\u0301\u0301", "á\u0301")]
    [InlineData("e\u0327\u0301", "ȩ\u0301")]
    [InlineData("\uD834\uDD57\uD834\uDD65", "\uD834\uDD57\uD834\uDD65")]
    [InlineData("\uD804\uDD31\uD804\uDD27", "\uD804\uDD2E")] // Chakma, above U+FFFF.
    [InlineData("𠮷野家 हिन्दी ไทย", "𠮷野家 हिन्दी ไทย")]
    public void Text_IsComposed(string text, string composed)
    {
        Assert.Equal(composed, Composition.Compose(text));
        Assert.Equal(composed, Composition.Compose(composed));
    }

    [Fact]
    public void HangulSyllable_Each_ComesBackFromItsJamo()
    {
        for (var syllable = 0; syllable < 11_172; syllable++)
        {
            var tail = syllable % 28 == 0 ? "" : ((char)(0x11A7 + (syllable % 28))).ToString();
            var jamo = $"{(char)(0x1100 + (syllable / 588))}{(char)(0x1161 + (syllable / 28 % 21))}{tail}";
            Assert.Equal(((char)(0xAC00 + syllable)).ToString(), Composition.Compose(jamo));
        }
    }

    [Fact]
    public void Marks_WithoutEnd_AreOrderedAndComposed()
    {
        const int Many = 300_000;

        var composed = Composition.Compose("a" + string.Concat(Enumerable.Repeat("\u0301\u0316", Many)));

        Assert.Equal("á" + new string('\u0316', Many) + new string('\u0301', Many - 1), composed);
    }
}
