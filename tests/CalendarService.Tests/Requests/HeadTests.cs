namespace CalendarService.Tests.Requests;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class HeadTests(Databases databases)
{
    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/api/calendar")]
    [InlineData("/api/calendar/launch")]
    [InlineData("/api/calendar/launch/export?format=csv")]
    [InlineData("/api/publish/intents")]
    [InlineData("/api/publish/channels")]
    public async Task Head_OfWhatCanBeRead_IsTheHeadOfItsGet(string path)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();

        using var read = await service.Http.GetAsync(new Uri(path, UriKind.Relative));
        using var request = ServiceHarness.Request(HttpMethod.Head, path, null);
        using var head = await service.Http.SendAsync(request);

        Assert.Equal((read.StatusCode, read.Content.Headers.ContentType, read.Headers.ETag),
            (head.StatusCode, head.Content.Headers.ContentType, head.Headers.ETag));
        Assert.NotEmpty(await read.Content.ReadAsByteArrayAsync());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }
}
