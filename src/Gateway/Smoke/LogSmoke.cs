using System.Globalization;
using System.Text.Json;

namespace Gateway.Smoke;

/// <summary>Reads what the programs logged while the smoke ran: docs/contract.md section 8 for each of its requests.</summary>
internal sealed class LogSmoke
{
    private static readonly string[] Fields = ["requestId", "userId", "channel", "calendarId", "runId", "status"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5); // A completion line is written after the answer.

    private readonly (string File, long From)[] _files;

    /// <param name="files">Read from where they end now: the requests are still to come.</param>
    /// <exception cref="SmokeImpossibleException">A file cannot be read.</exception>
    public LogSmoke(IReadOnlyList<string> files)
    {
        try
        {
            _files = [.. files.Select(f => (f, new FileInfo(f).Length))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SmokeImpossibleException(error.Message);
        }
    }

    /// <param name="intentsOf">The publish, of which each intent has a line too.</param>
    public async Task<string> CheckAsync(IReadOnlyList<SmokeAnswer> answers, SmokeAnswer? intentsOf, int intents, CancellationToken cancel)
    {
        string? fault = "nothing was read";
        for (var waited = TimeSpan.Zero; waited < Patience; waited += TimeSpan.FromMilliseconds(100))
        {
            var lines = Read().ToLookup(l => Text(l, "requestId"), StringComparer.Ordinal);
            fault = answers.Select(a => Fault(a, [.. lines[a.SentId]])).FirstOrDefault(f => f is not null);
            if (fault is null && intentsOf is not null && IntentLines(lines[intentsOf.SentId]) is var told && told != intents)
                fault = $"{intentsOf.Asked} ({intentsOf.SentId}) made {intents} intents, {told} lines tell of one";
            if (fault is null)
            {
                return $"{answers.Count} requests, a completion line each with {string.Join(", ", Fields)}"
                    + (intentsOf is null ? "" : $"; {intents} intents, a line each with its channel");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
        }

        throw new SmokeFailedException(fault!);
    }

    private static string? Fault(SmokeAnswer answer, JsonElement[] lines)
    {
        var completions = lines.Where(l => l.TryGetProperty("httpStatus", out _)).ToArray();
        if (completions.Length != 1)
            return $"{answer.Asked} ({answer.SentId}) has {completions.Length} completion lines";
        if (Fields.FirstOrDefault(f => Array.Exists(lines, l => !l.TryGetProperty(f, out _))) is { } missing)
            return $"a line of {answer.SentId} lacks {missing}";
        if (Text(completions[0], "userId") != answer.User)
            return $"{answer.SentId} was {answer.User}'s, its line says {Text(completions[0], "userId") ?? "null"}";
        return Text(completions[0], "status") == ((int)answer.Status).ToString(CultureInfo.InvariantCulture)
            ? null
            : $"{answer.SentId} got {(int)answer.Status}, its line says {Text(completions[0], "status")}";
    }

    private static int IntentLines(IEnumerable<JsonElement> lines) =>
        lines.Count(l => Text(l, "status") == "dry_run_ok" && Text(l, "channel") is { Length: > 0 });

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private IEnumerable<JsonElement> Read()
    {
        foreach (var (file, from) in _files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length >= from) // Else it was rotated meanwhile.
                stream.Seek(from, SeekOrigin.Begin);
            using var lines = new StreamReader(stream);
            while (lines.ReadLine() is { } line)
            {
                if (TryParse(line) is { } parsed)
                    yield return parsed;
            }
        }
    }

    // The last line may be half written.
    private static JsonElement? TryParse(string line)
    {
        try
        {
            return JsonDocument.Parse(line).RootElement is { ValueKind: JsonValueKind.Object } parsed ? parsed : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
