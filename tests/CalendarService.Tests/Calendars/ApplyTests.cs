using System.Net.ServerSentEvents;
using Harness;

namespace CalendarService.Tests.Calendars;

/// <summary>
/// What applying a run leaves alone, over HTTP; <see cref="CalendarMergeTests"/> has the rules.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class ApplyTests(Databases databases)
{
    private const string Entry = "/api/calendar/launch/entries/2099-12-01-1";

    [Fact]
    public async Task Apply_OfARunInAnotherZone_AnswersWhatALoadAnswers()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();
        await service.SendAsync(HttpMethod.Patch, Entry, """{"scheduledAt":"2099-12-01T10:00:00+01:00"}""", ("If-Match", "\"1\""));
        var run = await service.GenerateAsync(
            ServiceHarness.Generate.Replace("Europe/Berlin", "America/New_York", StringComparison.Ordinal));

        var applied = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"2\""));

        Assert.Equal(("2099-12-01T04:00:00-05:00", "America/New_York"),
            ((string?)applied.Json["entries"]![0]!["scheduledAt"], (string?)applied.Json["entries"]![0]!["timezone"]));
        Assert.Equal((await service.GetAsync("/api/calendar/launch")).Text, applied.Text);
    }

    [Theory]
    [InlineData("stop", false)]
    [InlineData("length", true)]
    public async Task Apply_OfARunWithPostsMissing_RemovesNothing(string finish, bool partial)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3", "4").Finishes(), AiReply.Posts("one").Finishes(finish));
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Writer:Kind=OpenAI", $"Writer:OpenAI:BaseUrl={ai.BaseUrl}", "Writer:OpenAI:Model=stub");
        await service.GenerateAsync();
        var run = await service.GenerateAsync();

        var applied = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"1\""));

        Assert.Equal(partial, (bool)run[^1].Json()["partial"]!);
        Assert.Equal(["one", "2", "3", "4"], applied.Json["entries"]!.AsArray().Select(e => (string?)e!["text"]));
    }

    private static string RunBody(IReadOnlyList<SseItem<string>> run) => $$"""{"runId":"{{run[0].Json()["runId"]}}"}""";
}
