using System.Net;
using CalendarService.Calendars;

namespace CalendarService.Tests.Calendars;

/// <summary>Entity tags as proxies and clients send them back. Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class ChangedTagTests(Databases databases)
{
    [Theory]
    [InlineData("\"7\"")]
    [InlineData("W/\"7\"")]
    [InlineData("w/\"7\"")]
    [InlineData("\"7-gzip\"")]
    [InlineData("\"7--gzip\"")]
    [InlineData("\"7;gzip\"")]
    [InlineData("\"7:br\"")]
    [InlineData("\"7-br\"")]
    [InlineData("W/\"7-zstd\"")]
    [InlineData("7")]
    [InlineData("W/7")]
    [InlineData("7-gzip")]
    [InlineData("*")]
    [InlineData(" * ")]
    [InlineData("\"3\", \"7\"")]
    [InlineData("\"abc\",W/\"7-gzip\"")]
    public void Tag_OfTheVersion_IsTaken(string header) => Assert.True(VersionTag.Matches(header, 7));

    [Theory]
    [InlineData("\"70\"", true)]
    [InlineData("\"6-gzip\"", true)]
    [InlineData("\"3\", W/\"4\"", true)]
    [InlineData("\"9999999999999999999\"", true)]
    [InlineData("\"07\"", false)]
    [InlineData("\"7", false)]
    [InlineData("7\"", false)]
    [InlineData("\"-7\"", false)]
    [InlineData("\"7x\"", false)]
    [InlineData("\"7-gzip-gzip\"", false)]
    [InlineData("\"7.0\"", false)]
    [InlineData("abc", false)]
    [InlineData("\"*\"", false)]
    [InlineData("", false)]
    public void Tag_OfAnotherOne_IsStaleOrNoTag(string header, bool isTag) =>
        Assert.Equal((false, isTag), (VersionTag.Matches(header, 7), VersionTag.AreAll(header)));

    [Fact]
    public async Task Patch_ThroughAProxyThatCompresses_IsMade()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();
        const string entry = "/api/calendar/launch/entries/2099-12-01-1";

        var made = await service.SendAsync(HttpMethod.Patch, entry, """{"text":"mine"}""", ("If-Match", "W/\"1-gzip\""));
        var stale = await service.SendAsync(HttpMethod.Patch, entry, """{"text":"yours"}""", ("If-Match", "\"1-gzip\""));
        var odd = await service.SendAsync(HttpMethod.Patch, entry, """{"text":"yours"}""", ("If-Match", "latest"));
        var unchanged = await service.GetAsync("/api/calendar/launch", ("If-None-Match", "\"2-gzip\""));

        Assert.Equal((HttpStatusCode.OK, "\"2\""), (made.Status, made.ETag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
        Assert.Contains("is at version 2 by now", (string?)stale.Json["detail"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PreconditionFailed, odd.Status);
        Assert.Contains("no entity tag", (string?)odd.Json["detail"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.Status);
    }
}
