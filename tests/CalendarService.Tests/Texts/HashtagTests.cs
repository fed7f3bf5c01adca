using CalendarService.Texts;

namespace CalendarService.Tests.Texts;

public sealed class HashtagTests
{
    [Theory]
    [InlineData("Free Delivery", "freedelivery")]
    [InlineData("हिन्दी दिवस समारोह", "हिन्दीदिवससमारोह")]
    [InlineData("தமிழ் புத்தாண்டு", "தமிழ்புத்தாண்டு")]
    [InlineData("শুভ নববর্ষ", "শুভনববর্ষ")]
    [InlineData("สวัสดีปีใหม่", "สวัสดีปีใหม่")]
    [InlineData("مَرْحَبًا بكم", "مَرْحَبًابكم")]
    [InlineData("שָׁלוֹם עולם", "שָׁלוֹםעולם")]
    [InlineData("ארה״ב", "ארה״ב")]
    [InlineData("Cafe\u0301 Gro\u0308ße", "cafégröße")]
    [InlineData("Tie\u0302\u0301ng Vie\u0323\u0302t", "tiếngviệt")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [InlineData("𠮷野家", "𠮷野家")]
    [InlineData("မြန်မာ ပြည်", "မြန်မာပြည်")]
    [InlineData("ភាសា ខ្មែរ", "ភាសាខ្មែរ")]
    [InlineData("བོད་སྐད", "བོད་སྐད")]
    [InlineData("می‌خواهم", "می‌خواهم")] // Persian needs the non-joiner.
    [InlineData("𐐀𐐁", "𐐨𐐩")]
    [InlineData("rock'n'roll", "rocknroll")]
    [InlineData("\"\" ''", "")]
    [InlineData("👩‍👩‍👧", "")]
    [InlineData("\u0301", "")]
    [InlineData("-", "")]
    public void Phrase_BecomesOneWordWithItsMarks(string phrase, string tag) => Assert.Equal(tag, Hashtag.From(phrase));
}
