using CalendarService.Channels;
using Harness;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Channels;

/// <summary>Limits of an account that differ from the network's. Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class ChannelLimitTests
{
    public static TheoryData<string, string, string, string> Limits => new()
    {
        { "mastodon", "MaxText", "5000", new string('q', 5_000) },
        { "x", "MaxText", "25000", new string('q', 25_000) },
        { "bluesky", "MaxBytes", "4000", string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 150)) },
        { "instagram", "MaxHashtags", "31", string.Join(' ', Enumerable.Range(0, 31).Select(i => $"#t{i}")) },
        { "instagram", "MaxMentions", "21", string.Join(' ', Enumerable.Range(0, 21).Select(i => $"@t{i}")) },
        { "threads", "MaxLinks", "6", string.Join(' ', Enumerable.Range(0, 6).Select(i => $"https://a.example/{i}")) },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Text_OverTheNetworksLimit_PassesWhereTheAccountHasMore(string channel, string limit, string value, string text)
    {
        using var plain = ChannelsUnderTest.With([]);
        using var raised = ChannelsUnderTest.With(new() { [$"Channels:{channel}:{limit}"] = value });

        Assert.Empty(raised.StartFaults());
        Assert.NotNull(Check(plain, channel, text, []));
        Assert.Null(Check(raised, channel, text, []));
    }

    [Fact]
    public void Media_OverTheNetworksLimit_PassWhereTheServerTakesMore()
    {
        using var raised = ChannelsUnderTest.With(new() { ["Channels:mastodon:MaxMedia"] = "16" });
        string[] media = [.. Enumerable.Range(0, 16).Select(i => $"https://media.example/{i}.jpg")];

        Assert.Null(Check(raised, "mastodon", "Hello.", media));
        Assert.Equal("17 media; mastodon takes 0 to 16", Check(raised, "mastodon", "Hello.", [.. media, media[0]]));
    }

    [Fact]
    public void Limit_ThatIsNone_StopsTheStartAndLeavesTheNetworksOwn()
    {
        using var channels = ChannelsUnderTest.With(new()
        {
            ["Channels:mastodon:MaxText"] = "many", ["Channels:x:maxmedia"] = "0", ["Channels:x:MaxTexts"] = "1",
            ["Channels:instagram:MaxHashtags"] = "-1",
        });

        Assert.Equal(
            [
                "Channels:instagram:MaxHashtags: \"-1\", expected a whole number from 0 to 10000",
                "Channels:mastodon:MaxText: \"many\", expected a whole number from 1 to 1000000",
                "Channels:x:MaxMedia: \"0\", expected a whole number from 1 to 50",
                $"Channels:x:MaxTexts: no such setting, expected AccessToken, ExpiresAt, {ChannelLimit.Names}",
            ],
            channels.StartFaults().Order(StringComparer.Ordinal));
        Assert.Contains("at most 500", Check(channels, "mastodon", new string('q', 501), []), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Table_IsThatOfTheCode()
    {
        var stated = File.ReadAllLines(Path.Combine(ContractPage.Root, "docs", "reference", "channels.md"));

        Assert.Equal(
            KnownChannels.All.Select(Row),
            stated.Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Take(KnownChannels.All.Count));
        Assert.All(KnownChannels.All, rules =>
        {
            var source = Array.IndexOf(stated, $"- `{rules.Channel}`: <{rules.Source}>");
            Assert.True(source > 0, $"{rules.Channel} {rules.Source}");
            Assert.Matches("^  (Read \\d{4}-\\d\\d-\\d\\d |Not looked up)", stated[source + 1]);
        });
    }

    private static string Row(ChannelRules rules) => "| " + string.Join(" | ",
        $"`{rules.Channel}`", rules.MaxText, rules.Unit.Split(" (")[0], Of(rules.MaxBytes),
        rules.MinMedia == rules.MaxMedia ? rules.MaxMedia : $"{rules.MinMedia} to {rules.MaxMedia}",
        rules.Mix switch { MediaMix.Any => "mixed", MediaMix.Videos => "video", _ => "pictures or one video" },
        Of(rules.MaxHashtags), Of(rules.MaxMentions), Of(rules.MaxLinks),
        rules.Link switch { LinkPlace.Nowhere => "none", LinkPlace.InText => "text", LinkPlace.Card => "card", _ => "field" }) + " |";

    private static object Of(int? limit) => limit is { } number ? number : "–";

    private static string? Check(ChannelsUnderTest channels, string channel, string text, string[] media) => channels.Registry.Check(
        channel,
        new Entry("e", DateTimeOffset.UnixEpoch, "UTC", [channel], "draft", text, null,
            media.Length == 0 && channel == "instagram" ? ["https://media.example/a.jpg"] : media, [], [], 1),
        DateTimeOffset.UnixEpoch).Error;
}
