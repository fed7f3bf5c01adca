using System.Net;

namespace CalendarService.Tests.Generation;

/// <summary>Following a run from an event that the client has. Holds docs/contract.md section 6: the stream.</summary>
public sealed class ResumeTests(Databases databases) : IAsyncLifetime
{
    private ServiceHarness _service = null!;
    private string _stream = "";

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        var events = await _service.GenerateAsync();
        _stream = $"/api/calendar/runs/{events[0].Json()["runId"]}/stream";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("", null, 1)]
    [InlineData("?lastEventId=3", null, 4)]
    [InlineData("?lastEventID=3", null, 4)]
    [InlineData("?last-event-id=3", null, 4)]
    [InlineData("?Last-Event-ID=3", null, 4)]
    [InlineData("?lastEventId=", null, 1)]
    [InlineData("?lastEventId=0", null, 1)]
    [InlineData("", "3", 4)]
    [InlineData("?lastEventId=2", "4", 5)] // The page's address is older than the browser's header.
    [InlineData("?lastEventId=x", "4", 5)]
    [InlineData("?lastEventId=3", "", 4)]
    public async Task Stream_AfterAnEvent_BeginsWithTheNext(string query, string? header, int first)
    {
        var answer = await _service.GetAsync(_stream + query, header is null ? [] : [("Last-Event-ID", header)]);

        Assert.StartsWith($"id: {first}\n", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?lastEventId=6")]
    [InlineData("?lastEventId=9223372036854775807")]
    public async Task Stream_AfterTheLastEvent_Is204(string query) =>
        Assert.Equal(HttpStatusCode.NoContent, (await _service.GetAsync(_stream + query)).Status);

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("%201")]
    [InlineData("9223372036854775808")]
    [InlineData("1,2")]
    [InlineData("1&lastEventId=2")]
    [InlineData("%00")]
    public async Task Id_ThatIsNone_Is400(string id)
    {
        var refused = await _service.GetAsync($"{_stream}?lastEventId={id}");

        Assert.Equal((HttpStatusCode.BadRequest, "validation"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Json["errors"]!["lastEventId"]);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public async Task Header_ThatIsNoId_Is400(string id)
    {
        var refused = await _service.GetAsync(_stream, ("Last-Event-ID", id));

        Assert.Equal((HttpStatusCode.BadRequest, "validation"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Json["errors"]!["Last-Event-ID"]);
    }
}
