using CalendarService.Texts;

namespace CalendarService.Tests.Texts;

public sealed class WebAddressesTests
{
    public static TheoryData<string, string> RunningTexts => new()
    {
        { "„https://shop.example.com/a“", "https://shop.example.com/a" },
        { "»https://shop.example.com/a«", "https://shop.example.com/a" },
        { "'https://shop.example.com/a'", "https://shop.example.com/a" },
        { "‘https://shop.example.com/a’", "https://shop.example.com/a" },
        { "詳細はhttps://shop.example.com/a。新商品", "https://shop.example.com/a" },
        { "https://shop.example.com/a、https", "https://shop.example.com/a" },
        { "「https://shop.example.com/a」", "https://shop.example.com/a" },
        { "**https://shop.example.com/a**", "https://shop.example.com/a" },
        { "_https://shop.example.com/a_", "https://shop.example.com/a_" },
        { "[shop](https://shop.example.com/a)", "https://shop.example.com/a" },
        { "<https://shop.example.com/a>", "https://shop.example.com/a" },
        { "https://en.wikipedia.org/wiki/Coffee_(drink)", "https://en.wikipedia.org/wiki/Coffee_(drink)" },
        { "(see https://en.wikipedia.org/wiki/Coffee_(drink)).", "https://en.wikipedia.org/wiki/Coffee_(drink)" },
        { "https://shop.example.com/a?b=c&d=e!", "https://shop.example.com/a?b=c&d=e" },
        { "https://shop.example.com:8443/a?x=1...", "https://shop.example.com:8443/a?x=1" },
        { "https://shop.example.com/a, and", "https://shop.example.com/a" },
        { "https://shop.example.com", "https://shop.example.com" },
        { "https://shop.example.com.", "https://shop.example.com" },
        { "HTTPS://Shop.Example.COM/A", "HTTPS://Shop.Example.COM/A" },
        { "https://münchen.de/straße.", "https://münchen.de/straße" },
        { "https://例え.jp/a。", "https://例え.jp/a" },
        { "https://shop.example/a.", "https://shop.example/a" }, // A top level that nobody knows.
        { "https://shop.intern新商品", "https://shop.intern" },
        { "http://192.168.0.1:8080/a;", "http://192.168.0.1:8080/a" },
        { "http://[::1]/a.", "http://[::1]/a" },
        { "https://shop.example.com/a\u200Bb", "https://shop.example.com/a" },
        { "\u2066https://shop.example.com/a\u2069", "https://shop.example.com/a" },
    };

    [Theory]
    [MemberData(nameof(RunningTexts))]
    public void Address_InARunningText_EndsWherePeopleEndIt(string text, string address) =>
        Assert.Equal([address], WebAddresses.Find(text, AddressGrammar.AnyWeb).Where(found => !found.Bare).Select(found => found.In(text)));

    [Theory]
    [InlineData("see https://shop.example/sale now", "https://shop.example/sale", true)]
    [InlineData("see https://shop.example/sale2030 now", "https://shop.example/sale", false)]
    [InlineData("see https://shop.example/sale/more", "https://shop.example/sale", false)]
    [InlineData("see https://shop.example/sale?x=1", "https://shop.example/sale", false)]
    [InlineData("see https://shop.example/sale#top", "https://shop.example/sale", false)]
    [InlineData("see HTTPS://SHOP.example/sale.", "https://shop.example/sale", true)]
    [InlineData("see https://shop.example/sale/.", "https://shop.example/sale", true)]
    [InlineData("see https://shop.example", "https://shop.example/", true)]
    [InlineData("see https://shop.example:443/a", "https://shop.example/a", true)]
    [InlineData("see https://shop.example/Sale", "https://shop.example/sale", false)]
    [InlineData("see http://shop.example/sale", "https://shop.example/sale", false)]
    [InlineData("see https://my-shop.example/sale", "https://shop.example/sale", false)]
    [InlineData("see shop.example.com/sale", "https://shop.example.com/sale", false)]
    [InlineData("see https://other.example/?to=https://shop.example/sale", "https://shop.example/sale", false)]
    [InlineData("„https://shop.example/sale“", "https://shop.example/sale", true)]
    [InlineData("https://xn--mnchen-3ya.de/a", "https://münchen.de/a", true)]
    [InlineData("https://shop.example/新商品", "https://shop.example/新商品", true)]
    [InlineData("https://shop.example/新商品2", "https://shop.example/新商品", false)]
    [InlineData("", "https://shop.example/", false)]
    public void Link_IsInTheText_AsAnAddressOfItsOwn(string text, string link, bool there) =>
        Assert.Equal(there, WebAddresses.Has(text, link));

    // From every place where an address could begin, to its end: that would take hours.
    [Theory]
    [InlineData("a.")]
    [InlineData("見.")]
    [InlineData("見")]
    [InlineData("🇩🇪")]
    [InlineData("\"")]
    [InlineData("_")]
    [InlineData("a_b.")]
    [InlineData("a-b.")]
    [InlineData("a-")]
    public void Text_WithoutATopLevel_IsReadOnce(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 300_000)) + " https://shop.example/a";

        foreach (var grammar in (AddressGrammar[])[AddressGrammar.Mastodon with { AnyHost = true }, AddressGrammar.AnyWeb])
            Assert.Equal(["https://shop.example/a"], WebAddresses.Find(text, grammar).Select(address => address.In(text)));
    }

    [Theory]
    [InlineData("", "/((")]
    [InlineData("", "a.com/(")]
    [InlineData("https://a.com/", "(")]
    [InlineData("https://a.com/", "(a")]
    [InlineData("https://a.com/", "(a(a)")]
    [InlineData("https://a.com/?", "&")]
    [InlineData("", "a.com/?!")]
    public void Path_MadeToBeSlow_IsReadAFewTimesAtMost(string start, string part)
    {
        var text = start + string.Concat(Enumerable.Repeat(part, 30_000 / part.Length)) + ".";
        foreach (var grammar in (AddressGrammar[])[AddressGrammar.X, AddressGrammar.Mastodon, AddressGrammar.AnyWeb])
        {
            var read = 0;
            var counting = grammar with
            {
                IsPath = c => ++read > 0 && grammar.IsPath(c), IsQuery = c => ++read > 0 && grammar.IsQuery(c),
            };

            WebAddresses.Find(text, counting);

            Assert.InRange(read, 0, 5 * text.Length);
        }
    }
}
