using System.Net;

namespace Gateway.Smoke;

/// <summary>The runbook's smoke with a flag off: legacy and the dry-run answer, and the dry-run always the same.</summary>
internal sealed class OffSmoke(SmokeClient client, SmokeReport report, SmokeOptions options)
{
    private const string Off = "flag-off";
    private static readonly string[] AnyEntry = ["smoke"];

    private readonly string _calendar = $"/api/calendar/{options.CalendarId}";

    public async Task CalendarAsync()
    {
        // What legacy answers is its own business; that it is legacy who answers is ours.
        await report.CheckAsync("calendar", async () => (await client.GetAsync(_calendar)).By(Off, "legacy").Summary);
        await report.CheckAsync("generate", GenerateAsync);
    }

    public async Task PublishAsync()
    {
        await report.CheckAsync("export-json", async () =>
        {
            var (answer, evidence) = await TwiceAsync(() => client.GetAsync(_calendar + "/export?format=json"));
            SaysDryRun(answer);
            return evidence;
        });
        await report.CheckAsync("export-csv", async () =>
        {
            var (answer, evidence) = await TwiceAsync(() => client.GetAsync(_calendar + "/export?format=csv"));
            SmokeCsv.Parse(answer.Body);
            return evidence;
        });
        await report.CheckAsync("publish", async () =>
        {
            var body = new { calendarId = options.CalendarId, entryIds = AnyEntry, dryRun = true };
            var (answer, evidence) = await TwiceAsync(() => client.SendAsync(HttpMethod.Post, "/api/publish", body));
            SaysDryRun(answer);
            return evidence;
        });
        await report.CheckAsync("intents", async () =>
        {
            var (answer, evidence) = await TwiceAsync(() => client.GetAsync($"/api/publish/intents?calendarId={options.CalendarId}"));
            return answer.Json.GetProperty("items").GetArrayLength() == 0
                ? evidence + ", none recorded"
                : throw new SmokeFailedException("the dry-run lists intents");
        });
    }

    private async Task<string> GenerateAsync()
    {
        var (answer, stream) = await client.StreamAsync(
            "/api/calendar/generate", SmokePlan.Brief(options.CalendarId, SmokePlan.TextChannels), ("Idempotency-Key", client.RunName));
        if (answer.ServedBy == "legacy")
        {
            report.Leaves("whatever legacy keeps of one generate; the smoke cannot know");
            return answer.By(Off, "legacy").Summary;
        }

        if (answer.ServedBy == "calendar" && answer.Header("X-Run-Id") is { } runId)
            report.Leaves($"run {runId} of calendar {options.CalendarId}");
        // Legacy is away, and the reason says how.
        if (answer.ServedBy != "dry-run" || answer.Reason is "in-cohort" or "outside-cohort")
            throw new SmokeFailedException($"{answer.Asked}: {answer.Summary}; expected legacy, {Off}, or dry-run while legacy is away");
        answer.With(HttpStatusCode.OK);
        if (stream?.Done.GetProperty("dryRun").GetBoolean() is not true)
            throw new SmokeFailedException("the dry-run's stream does not say dryRun: true");
        return answer.Summary + ", legacy is away";
    }

    private static async Task<(SmokeAnswer Answer, string Evidence)> TwiceAsync(Func<Task<SmokeAnswer>> ask)
    {
        var (first, second) = (await ask(), await ask());
        first.By(Off, "dry-run").With(HttpStatusCode.OK);
        second.By(Off, "dry-run").With(HttpStatusCode.OK);
        if (first.Body != second.Body)
            throw new SmokeFailedException($"{first.Asked}: the same request got two answers, {first.Body} and {second.Body}");
        return (first, $"{first.Summary}, the same {first.Body.Length} bytes twice");
    }

    private static void SaysDryRun(SmokeAnswer answer)
    {
        if (!answer.Json.TryGetProperty("dryRun", out var dryRun) || dryRun.ValueKind != System.Text.Json.JsonValueKind.True)
            throw new SmokeFailedException($"{answer.Asked}: the answer does not say dryRun: true");
    }
}
