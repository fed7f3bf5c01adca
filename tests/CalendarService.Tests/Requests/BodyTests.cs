using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace CalendarService.Tests.Requests;

/// <summary>What a body may be, byte by byte. Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class BodyTests(Databases databases) : IAsyncLifetime
{
    private ServiceHarness _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("2")]
    [InlineData("2.0")]
    [InlineData("2e0")]
    [InlineData("20E-1")]
    [InlineData("0.2e+1")]
    [InlineData("2.000000000000000000000")]
    public async Task Number_ThatIsWhole_IsTakenAsItIsWritten(string days)
    {
        var events = await _service.GenerateAsync(Generate(days));

        Assert.Equal(2 * 2, events.Count(item => item.EventType == "entry"));
    }

    [Theory]
    [InlineData("2.5", "malformed-json", "has to be a whole number from 1 to 90")]
    [InlineData("1e-1", "malformed-json", "has to be a whole number from 1 to 90")]
    [InlineData("\"2\"", "malformed-json", "has to be a whole number from 1 to 90, not a string: write it without quotes")]
    [InlineData("true", "malformed-json", "has to be a whole number from 1 to 90")]
    [InlineData("1e400", "malformed-json", "has to be a whole number from 1 to 90")]
    [InlineData("1e99999999999", "malformed-json", "has to be a whole number from 1 to 90")]
    [InlineData("1e28", "validation", "has to be from 1 to 90")]
    [InlineData("-0.0", "validation", "has to be from 1 to 90")]
    [InlineData("4294967298", "validation", "has to be from 1 to 90")]
    public async Task Number_Otherwise_IsToldWhatIsExpected(string days, string code, string fault)
    {
        var refused = await _service.PostAsync("/api/calendar/generate", Generate(days));

        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.Status, refused.Code));
        Assert.Equal(fault, (string?)refused.Json["errors"]!["days"]![0]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("x-unknown")]
    [InlineData("identity, gzip")]
    public async Task Body_ThatIsEncoded_Is415AndSaysWhatIsTaken(string coding)
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Generate("2")));
        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);

        using var refused = await _service.Http.PostAsync("/api/calendar/generate", content);

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "identity"),
            (refused.StatusCode, string.Join(',', refused.Headers.GetValues("Accept-Encoding"))));
        Assert.Contains("unsupported-media-type", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json; charset=iso-8859-1", 415)]
    [InlineData("text/json; charset=utf-8", 415)]
    [InlineData("application/json; charset=UTF-8", 400)]
    [InlineData("application/json; charset=\"utf-8\"", 400)]
    [InlineData("application/json; charset=us-ascii", 400)]
    [InlineData("application/json; profile=x", 400)]
    public async Task Charset_OtherThanUtf8_Is415(string type, int status)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await _service.Http.PostAsync("/api/calendar/generate", content);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Body_WithAByteOrderMark_IsRead()
    {
        var answer = await SendAsync([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Generate("1"))]);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Theory]
    [InlineData("brief", "{\"brief\":\"a\u00C3\u0028\"}")]
    [InlineData("channels[1]", "{\"brief\":\"b\",\"channels\":[\"x\",\"\u00FF\"]}")]
    [InlineData("a.b[0].c", "{\"a\":{\"b\":[{\"c\":\"\u00ED\u00A0\u0080\"}]}}")] // A surrogate as CESU-8 has it.
    [InlineData("$", "{\"\u00FF\":1}")]
    public async Task Body_ThatIsNotUtf8_IsToldWhere(string path, string latin1)
    {
        var refused = await SendAsync(Encoding.Latin1.GetBytes(latin1));

        Assert.Equal((HttpStatusCode.BadRequest, "malformed-json"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Json["errors"]![path]);
    }

    [Theory]
    [InlineData("""{"brief":"\ud83d"}""", "brief", "half of a character")]
    [InlineData("""{"brief":"\ude00 a"}""", "brief", "half of a character")]
    [InlineData("""{"brief":"a\u0000"}""", "brief", "U+0000")]
    [InlineData("""{"brief":"a","channels":["\ud83dx"]}""", "channels[0]", "half of a character")]
    public async Task Text_WithHalfACharacter_IsToldWhere(string body, string path, string fault)
    {
        var refused = await _service.PostAsync("/api/calendar/generate", body);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(fault, (string?)refused.Json["errors"]![path]![0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_NestedDeeply_IsToldSo()
    {
        var refused = await _service.PostAsync("/api/calendar/generate", $$"""{"a":{{new string('[', 500)}}1{{new string(']', 500)}}}""");

        Assert.Equal((HttpStatusCode.BadRequest, "malformed-json"), (refused.Status, refused.Code));
        Assert.Contains("nested deeper than 32", (string?)refused.Json["detail"], StringComparison.Ordinal);
    }

    private static string Generate(string days) => ServiceHarness.Generate.Replace("\"days\":2", $"\"days\":{days}")
        .Replace("\"launch\"", $"\"{Guid.NewGuid():N}\"");

    private async Task<Answer> SendAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _service.Http.PostAsync("/api/calendar/generate", content);
        return await Answer.OfAsync(response);
    }
}
