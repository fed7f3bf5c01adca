using System.Text.Json;
using CalendarService.Channels;
using CalendarService.Texts;

namespace CalendarService.Tests.Texts;

/// <summary>twitter-text's own conformance data, in <c>twitter-text.json</c>: every text with the addresses or the length that are right.</summary>
public sealed class TwitterTextTests
{
    private static readonly Conformance Data = Conformance.Read();

    [Fact]
    public void Addresses_OfEveryText_AreThoseOfTheConformanceData() => Assert.All(Data.Urls, given => Assert.Equal(
        given.Urls, WebAddresses.Find(given.Text, AddressGrammar.X).Select(address => address.In(given.Text))));

    [Fact]
    public void Length_OfEveryText_IsThatOfTheConformanceData() =>
        Assert.All(Data.Weighted, given => Assert.Equal(given.Length, TextLength.Weighted(given.Text)));

    [Fact]
    public void TopLevel_EachOfTheList_MakesAnAddressWithOrWithoutAScheme() => Assert.All(TextData.ReadLines("top-levels"), name =>
    {
        Assert.Equal($"https://twitter.{name}", Find($"see https://twitter.{name}, now"));
        if (name.All(char.IsAscii))
            Assert.Equal($"twitter.{name}", Find($"see twitter.{name}, now"));
    });

    private static string Find(string text) => Assert.Single(WebAddresses.Find(text, AddressGrammar.X)).In(text);

    private sealed record Conformance(IReadOnlyList<TextWithUrls> Urls, IReadOnlyList<TextWithLength> Weighted)
    {
        public static Conformance Read()
        {
            using var stream = typeof(TwitterTextTests).Assembly.GetManifestResourceStream("twitter-text.json")!;
            return JsonSerializer.Deserialize<Conformance>(stream, JsonSerializerOptions.Web)!;
        }
    }

    private sealed record TextWithUrls(string Text, string[] Urls);

    private sealed record TextWithLength(string Text, int Length);
}
