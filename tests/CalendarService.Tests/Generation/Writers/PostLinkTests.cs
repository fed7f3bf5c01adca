using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>Links as models write them. Holds docs/contract.md section 6: the stream.</summary>
public sealed class PostLinkTests
{
    [Theory]
    [InlineData("\"https://shop.example.com/a?b=c#d\"", "https://shop.example.com/a?b=c#d")]
    [InlineData("\" https://shop.example.com/a \"", "https://shop.example.com/a")]
    [InlineData("\"HTTPS://shop.example.com/a\"", "HTTPS://shop.example.com/a")]
    [InlineData("\"shop.example.com\"", "https://shop.example.com")]
    [InlineData("\"shop.example.com/a?b\"", "https://shop.example.com/a?b")]
    [InlineData("\"www.shop.de:8080/a\"", "https://www.shop.de:8080/a")]
    [InlineData("\"//shop.example.com/a\"", "https://shop.example.com/a")]
    [InlineData("\"bücher.example/ä\"", "https://bücher.example/ä")]
    [InlineData("\"[shop](https://shop.example.com/a)\"", "https://shop.example.com/a")]
    [InlineData("\"[shop](<https://shop.example.com/a> \\\"A title\\\")\"", "https://shop.example.com/a")]
    [InlineData("\"[shop](https://shop.example.com/Coffee_(drink))\"", "https://shop.example.com/Coffee_(drink)")]
    [InlineData("\"[shop](shop.example.com)\"", "https://shop.example.com")]
    [InlineData("\"<https://shop.example.com/a>\"", "https://shop.example.com/a")]
    [InlineData("\"`https://shop.example.com/a`\"", "https://shop.example.com/a")]
    [InlineData("{\"url\":\"https://shop.example.com/a\"}", "https://shop.example.com/a")]
    [InlineData("[\"https://shop.example.com/a\"]", "https://shop.example.com/a")]
    public async Task Link_InAnyPlainForm_IsRead(string json, string link)
    {
        var items = await WriteAsync(json);

        Assert.Equal(link, Assert.IsType<DraftPost>(Assert.Single(items)).Link);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"null\"")]
    [InlineData("\"None\"")]
    [InlineData("\"N/A\"")]
    [InlineData("\"-\"")]
    [InlineData("[]")]
    public async Task Link_ThatSaysThatThereIsNone_IsNone(string json) =>
        Assert.Null(Assert.IsType<DraftPost>(Assert.Single(await WriteAsync(json))).Link);

    [Theory]
    [InlineData("\"javascript:alert(1)\"")]
    [InlineData("\"[x](javascript:alert(1))\"")]
    [InlineData("\"data:text/html,x\"")]
    [InlineData("\"file:///etc/passwd\"")]
    [InlineData("\"mailto:ada@example.com\"")]
    [InlineData("\"ftp://shop.example.com/a\"")]
    [InlineData("\"our shop\"")]
    [InlineData("\"https://shop example.com/\"")]
    [InlineData("\"https://shop.example.com/a b\"")]
    [InlineData("\"https://shop.example.com/\\u0000a\"")]
    [InlineData("\"https://shop.example.com/\\u0007a\"")]
    [InlineData("\"https://shop.example.com/\\ud83da\"")]
    [InlineData("\"https://\"")]
    [InlineData("7")]
    [InlineData("[\"https://a.example/\",\"https://b.example/\"]")]
    public async Task Link_ThatIsNone_IsDroppedWithAWarning(string json)
    {
        var items = await WriteAsync(json);

        Assert.Equal(("one", null), Assert.IsType<DraftPost>(items[0]) is var post ? (post.Text, post.Link) : default);
        Assert.Equal("link-dropped", Assert.IsType<WriterWarning>(Assert.Single(items.Skip(1))).Code);
    }

    [Fact]
    public async Task Link_LongerThanAnEntryTakes_IsDropped() =>
        Assert.Equal("link-dropped", Assert.IsType<WriterWarning>((await WriteAsync($"\"https://shop.example/{new string('a', 3_000)}\""))[1]).Code);

    private static async Task<List<WriterItem>> WriteAsync(string json)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says($"{{\"text\":\"one\",\"link\":{json}}}").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        return await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 1 });
    }
}
