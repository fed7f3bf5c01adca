using System.Net;

namespace CalendarService.Tests.Requests;

/// <summary>
/// Each key under <c>Limits</c>, and how long a refused client is told to wait, as a client meets them.
/// Holds docs/contract.md section 1: processes and their settings.
/// </summary>
public sealed class LimitsTests(Databases databases)
{
    [Theory]
    [InlineData("Limits:TextLength=5", 1, "123456", "entries[0].text")]
    [InlineData("Limits:EntriesPerCalendar=1", 2, "12345", "entries")]
    public async Task Save_BeyondALimit_NamesTheField(string setting, int entries, string text, string path)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), setting);

        var beyond = await SaveAsync(service, entries, text);
        var within = await SaveAsync(service, 1, "12345");

        Assert.Equal((HttpStatusCode.BadRequest, "validation"), (beyond.Status, beyond.Code));
        Assert.NotNull(beyond.Json["errors"]?[path]);
        Assert.Equal(HttpStatusCode.Created, within.Status);
    }

    // As people count them: a family of four is one.
    [Fact]
    public async Task Save_OfEmoji_CountsEachOnce()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Limits:TextLength=6000");

        var beyond = await SaveAsync(service, 1, string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 6_001)));
        var within = await SaveAsync(service, 1, string.Concat(Enumerable.Repeat("😀", 6_000)));

        Assert.Equal("has 6001 characters; the most is 6000", (string?)beyond.Json["errors"]?["entries[0].text"]?[0]);
        Assert.Equal(HttpStatusCode.Created, within.Status);
    }

    [Fact]
    public async Task Save_OfALetterWithMarksWithoutEnd_IsBeyondTheLimit()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Limits:TextLength=5");

        var beyond = await SaveAsync(service, 1, "a" + new string('\u0301', 320));

        Assert.Equal("has 6 characters; the most is 5", (string?)beyond.Json["errors"]?["entries[0].text"]?[0]);
    }

    [Fact]
    public async Task Patch_BeyondTheTextLength_IsRefused()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Limits:TextLength=5");
        await SaveAsync(service, 1, "12345");

        var beyond = await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/e0", """{"text":"123456"}""", ("If-Match", "\"1\""));

        Assert.NotNull(beyond.Json["errors"]?["text"]);
    }

    [Fact]
    public async Task Generate_BeyondTheBriefLength_IsRefused()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Limits:BriefLength=23");

        var beyond = await service.PostAsync("/api/calendar/generate", ServiceHarness.Generate);
        var within = await service.GenerateAsync(ServiceHarness.Generate.Replace("Launch of", "About", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, beyond.Status);
        Assert.NotNull(beyond.Json["errors"]?["brief"]);
        Assert.Equal("done", within[^1].EventType);
    }

    [Fact]
    public async Task Save_HasALimitOfItsOwnForItsBody()
    {
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Limits:BodyBytes=1024", "Limits:SaveBodyBytes=3000");

        var beyond = await SaveAsync(service, 1, new string('a', 3000));
        var within = await SaveAsync(service, 1, new string('a', 2000));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "payload-too-large"), (beyond.Status, beyond.Code));
        Assert.Equal(HttpStatusCode.Created, within.Status);
    }

    [Fact]
    public async Task Request_WithoutTheDatabase_IsToldHowLongToWait()
    {
        // Nobody listens on port 1.
        await using var service = await ServiceHarness.StartAsync(
            "Host=127.0.0.1;Port=1;Username=a;Database=d", "Store:RetryAfter=00:00:07");

        Assert.Equal("7", (await service.GetAsync("/api/calendar")).Header("Retry-After"));
    }

    private static Task<Answer> SaveAsync(ServiceHarness service, int entries, string text) => service.SendAsync(
        HttpMethod.Put, "/api/calendar/launch",
        $$"""
        {"title":"T","timezone":"UTC","entries":[{{string.Join(',', Enumerable.Range(0, entries).Select(n =>
            $$"""{"entryId":"e{{n}}","scheduledAt":"2099-07-01T12:00:00Z","channels":["x"],"text":"{{text}}"}"""))}}]}
        """,
        ("If-None-Match", "*"));
}
