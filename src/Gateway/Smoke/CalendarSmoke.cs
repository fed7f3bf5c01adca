using System.Net;
using System.Text.Json;

namespace Gateway.Smoke;

/// <summary>
/// The runbook's smoke with the calendar on: generate, edit, diff and apply, on a calendar that is the smoke's own. Whatever it changes
/// by hand it gives back at the end.
/// </summary>
internal sealed class CalendarSmoke(SmokeClient client, SmokeReport report, SmokeOptions options)
{
    private const string In = "in-cohort";
    private const string Calendar = "calendar";
    private const string Words = "Edited by the smoke test, ";

    private readonly string _path = $"/api/calendar/{options.CalendarId}";
    private readonly string _words = Words + client.RunName;
    private bool _existed;
    private SmokeStream? _stream;
    private string _runId = "";
    private string _entryId = "";
    private string _generated = "";
    private bool _edited;

    public Task FindAsync() => report.StepAsync("calendar", LookAsync);

    public async Task RunAsync(IReadOnlyList<string> channels)
    {
        await report.StepAsync("generate", () => GenerateAsync(channels));
        if (_stream is null)
            report.Skip("keep-alive", "not reached: generate failed");
        else
            KeepAlive(_stream);
        await report.StepAsync("save", SaveAsync);
        await report.StepAsync("diff", () => DiffAsync(channels));
        await report.StepAsync("apply", ApplyAsync);
    }

    /// <summary>Gives the edited field back to the run, so that the calendar is as a generation leaves it.</summary>
    public async Task UndoAsync()
    {
        if (!_edited)
            return;
        await report.CheckAsync("undo", async () =>
        {
            await SendApplyAsync(new { runId = _runId, accept = new[] { new { entryId = _entryId, field = "text" } } });
            var entry = Entry(await LoadAsync());
            if (IsManual(entry) || entry.GetProperty("text").GetString() != _generated)
                throw new SmokeFailedException($"{_entryId} is still as the smoke edited it");
            return $"{_entryId} has the run's words again, and is not marked as edited";
        });
    }

    public async Task<JsonElement> LoadAsync() => (await client.GetAsync(_path)).By(In, Calendar).With(HttpStatusCode.OK).Json;

    private async Task<string> LookAsync()
    {
        var answer = (await client.GetAsync(_path)).By(In, Calendar).With(HttpStatusCode.OK, HttpStatusCode.NotFound);
        _existed = answer.Status == HttpStatusCode.OK;
        if (_existed && answer.Json.GetProperty("title").GetString() is var title && title != SmokePlan.Title)
            throw new SmokeFailedException($"calendar {options.CalendarId} is somebody's own, \"{title}\"; name another with --calendar");
        return $"{answer.Summary}, {(_existed ? "the one of the last smoke" : "the first smoke")}";
    }

    private async Task<string> GenerateAsync(IReadOnlyList<string> channels)
    {
        var (answer, stream) = await client.StreamAsync(
            "/api/calendar/generate", SmokePlan.Brief(options.CalendarId, channels),
            ("Idempotency-Key", $"{client.RunName}-{(_stream is null ? 1 : 2)}"));
        answer.By(In, Calendar).With(HttpStatusCode.OK);
        if (stream is null)
            throw new SmokeFailedException($"{answer.Asked}: {answer.Header("Content-Type")} is no event stream");
        report.Leaves($"run {answer.Header("X-Run-Id")} of calendar {options.CalendarId}");
        var done = stream.Done;
        var (reason, entries) = (done.GetProperty("finishReason").GetString(), stream.Events.Count(e => e.Type == "entry"));
        if (reason != "complete" || done.GetProperty("partial").GetBoolean() || done.GetProperty("dryRun").GetBoolean())
            throw new SmokeFailedException($"done says {reason}: {done.GetProperty("message")}");
        if (stream.Events[0].Type != "meta" || done.GetProperty("entries").GetInt32() != entries || entries == 0)
            throw new SmokeFailedException(
                $"the stream is {string.Join(", ", stream.Events.Select(e => e.Type))}; done counts {done.GetProperty("entries")}");
        if (!stream.Events.Select(e => e.Id ?? 0).SequenceEqual(Enumerable.Range(1, stream.Events.Count).Select(n => (long)n)))
            throw new SmokeFailedException("the events' ids do not rise by one");
        _runId = done.GetProperty("runId").GetString()!;
        if (_runId != answer.Header("X-Run-Id") || done.GetProperty("requestId").GetString() != answer.SentId)
            throw new SmokeFailedException(
                $"done names run {_runId}, request {done.GetProperty("requestId")}; the answer's headers name others");
        _stream ??= stream;
        var first = stream.Events.First(e => e.Type == "entry").Data.GetProperty("entry");
        (_entryId, _generated) = (first.GetProperty("entryId").GetString()!, first.GetProperty("text").GetString()!);
        return $"{answer.Summary}: meta after {stream.Events[0].At.TotalMilliseconds:0} ms, {entries} entries, "
            + $"done complete after {stream.Took.TotalMilliseconds:0} ms";
    }

    private void KeepAlive(SmokeStream stream)
    {
        var silence = $"longest silence {stream.LongestSilence.TotalSeconds:0.0} s";
        // Half as long again: the comment travels too, and the service may be busy.
        if (stream.LongestSilence > options.KeepAlive * 1.5)
            _ = report.CheckAsync("keep-alive", () => throw new SmokeFailedException($"{silence}, {stream.Comments} keep-alives"));
        else if (stream.Comments > 0)
            _ = report.CheckAsync("keep-alive", () => Task.FromResult($"{stream.Comments} keep-alives, {silence}"));
        else
            report.Skip("keep-alive", $"none was due: {silence}, one is sent after {options.KeepAlive.TotalSeconds:0.#} s");
    }

    private async Task<string> SaveAsync()
    {
        var before = await LoadAsync();
        var entry = Entry(before);
        // A smoke that was interrupted may have left its own words.
        if (IsManual(entry) && entry.GetProperty("text").GetString()!.StartsWith(Words, StringComparison.Ordinal) is false)
            throw new SmokeFailedException(
                $"{_entryId} was edited by somebody; the smoke leaves it alone. Name another calendar with --calendar");
        (await client.SendAsync(
            HttpMethod.Patch, $"{_path}/entries/{_entryId}", new { text = _words }, ("If-Match", Tag(before)))).By(In, Calendar)
                .With(HttpStatusCode.OK);
        _edited = true;
        Kept(await LoadAsync());
        return $"{_entryId} edited and loaded again, text is manual";
    }

    private async Task<string> DiffAsync(IReadOnlyList<string> channels)
    {
        if (!_existed)
            await GenerateAsync(channels); // The first run filled the calendar; only another one can be compared with it.
        var diff = (await client.SendAsync(HttpMethod.Post, _path + "/diff", new { runId = _runId })).By(In, Calendar)
            .With(HttpStatusCode.OK).Json;
        var (changes, conflicts) = (diff.GetProperty("changes").EnumerateArray().ToArray(), diff.GetProperty("conflicts").GetArrayLength());
        if (Array.Exists(changes, c => c.GetProperty("entryId").GetString() == _entryId && c.GetProperty("field").GetString() == "text"))
            throw new SmokeFailedException($"run {_runId} would overwrite the edit of {_entryId}");
        return $"{changes.Length} changes, {conflicts} conflicts, none to the edited text";
    }

    private async Task<string> ApplyAsync()
    {
        await SendApplyAsync(new { runId = _runId });
        var once = await LoadAsync();
        Kept(once);
        await SendApplyAsync(new { runId = _runId });
        var twice = await LoadAsync();
        if (once.GetProperty("version").GetInt64() != twice.GetProperty("version").GetInt64())
            throw new SmokeFailedException("applying the same run twice changed the calendar");
        return $"run {_runId} applied twice, the edit is kept, version {Tag(twice)}";
    }

    private async Task SendApplyAsync(object body)
    {
        var before = await LoadAsync();
        (await client.SendAsync(HttpMethod.Post, _path + "/apply", body, ("If-Match", Tag(before)))).By(In, Calendar)
            .With(HttpStatusCode.OK);
    }

    private void Kept(JsonElement calendar)
    {
        var entry = Entry(calendar);
        if (entry.GetProperty("text").GetString() != _words || !IsManual(entry))
            throw new SmokeFailedException(
                $"the edit of {_entryId} is lost: its text is \"{entry.GetProperty("text")}\", edited {entry.GetProperty("editedFields")}");
    }

    private JsonElement Entry(JsonElement calendar)
    {
        foreach (var entry in calendar.GetProperty("entries").EnumerateArray())
        {
            if (entry.GetProperty("entryId").GetString() == _entryId)
                return entry;
        }

        throw new SmokeFailedException(
            $"calendar {options.CalendarId} has no entry {_entryId}; deleted by hand, it never comes back. Name another with --calendar");
    }

    private static bool IsManual(JsonElement entry) => entry.GetProperty("editedFields").EnumerateArray().Any(f => f.GetString() == "text");

    private static string Tag(JsonElement calendar) => $"\"{calendar.GetProperty("version").GetInt64()}\"";
}
