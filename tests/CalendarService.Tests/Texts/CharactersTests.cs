using CalendarService.Texts;

namespace CalendarService.Tests.Texts;

public sealed class CharactersTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 5)]
    [InlineData("e\u0301", 1)]
    [InlineData("\r\n", 1)]
    [InlineData("👩‍👩‍👧‍👦🇩🇪👍🏽", 3)]
    [InlineData("क्षि", 1)] // Rule GB9c: a conjunct is one.
    [InlineData("हिन्दी", 2)]
    [InlineData("क्‍ष", 1)]
    [InlineData("क्क्क", 1)]
    [InlineData("র্ক", 1)]
    [InlineData("ന്മ", 1)]
    [InlineData("క్క", 1)]
    [InlineData("ક્ષ", 1)]
    [InlineData("ନ୍ଦ", 1)]
    [InlineData("ந்த", 2)] // Tamil has none.
    [InlineData("क् ष", 3)]
    [InlineData("\u1112\u1161\u11AB", 1)]
    [InlineData("กำ", 1)]
    public void Text_HasSoManyCharacters(string text, int count)
    {
        Assert.Equal(count, Characters.Count(text));
        Assert.Equal(text, string.Concat(Characters.Split(text)));
        Assert.Equal(count, Characters.Split(text).Count());
        Assert.Equal(text, Characters.Take(text, count));
    }

    [Fact]
    public void Text_OfSixThousandEmoji_HasSoMany()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 6_000));

        Assert.Equal(6_000, Characters.Count(text));
        Assert.False(Characters.Exceed(text, 6_000));
        Assert.True(Characters.Exceed(text, 5_999));
    }

    [Theory]
    [InlineData("\u0301\u0316")]
    [InlineData("\u0915\u094D")]
    [InlineData("👩\u200D")]
    public void Cluster_WithoutEnd_IsSeveral(string link)
    {
        var text = "a" + string.Concat(Enumerable.Repeat(link, 300_000));

        Assert.InRange(Characters.Count(text), text.Length / 64, (text.Length / 60) + 2);
        Assert.True(Characters.Exceed(text, 8_000));
        Assert.Equal(text, string.Concat(Characters.Split(text)));
        Assert.All(Characters.Split(text), cluster => Assert.True(cluster.Length <= 64 && !char.IsHighSurrogate(cluster[^1])));
    }
}
