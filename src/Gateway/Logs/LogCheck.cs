using System.Text.Json;
using ServiceDefaults.Logging;

namespace Gateway.Logs;

/// <param name="Line">From 1; 0 for the stream as a whole.</param>
/// <param name="Rule">A stable word for programs.</param>
internal sealed record LogFinding(int Line, string Rule, string Detail);

/// <summary>
/// Holds a log stream against the promise that both programs make: one JSON object a line, the correlation keys on each, one completion
/// line a request, no secret anywhere. Lines of several processes may be mixed.
/// </summary>
/// <param name="whole">The stream has whole requests: one that never completes is a finding too.</param>
internal sealed class LogCheck(IReadOnlyList<Canary> canaries, bool whole)
{
    private static readonly string[] Correlation = ["requestId", "userId", "channel", "calendarId", "runId", "status", "traceId"];
    private static readonly string[] Completion = ["route", "backend", "reason", "outcome", "durationMs", "httpStatus"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly List<LogFinding> _findings = [];
    private readonly Dictionary<string, int> _completed = new(StringComparer.Ordinal);
    private readonly HashSet<int> _secretsOfLine = [];
    private readonly Dictionary<string, int> _begun = new(StringComparer.Ordinal);

    public int Lines { get; private set; }

    /// <summary>Requests whose completion line was seen.</summary>
    public int Requests { get; private set; }

    public void Read(string line)
    {
        Lines++;
        _secretsOfLine.Clear();
        FindSecret(line);
        if (line.AsSpan().IndexOfAny(TerminalCharacters.BeyondJson) is >= 0 and var at)
            Add("terminal-character", $"U+{(int)line[at]:X4} stands unescaped at character {at}");
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                ReadObject(document.RootElement);
            else
                Add("not-an-object", "not a JSON object");
        }
        catch (JsonException error)
        {
            // Not the parser's words: they may repeat the line.
            Add("not-an-object", $"not one JSON object with each key once (character {error.BytePositionInLine})");
        }
    }

    /// <summary>Everything found, in the order of lines.</summary>
    public IReadOnlyList<LogFinding> Finish()
    {
        if (whole)
        {
            foreach (var (request, line) in _begun.Where(begun => !_completed.ContainsKey(begun.Key)))
                _findings.Add(new(line, "never-completed", $"the request of this line ({request}) has no completion line"));
        }

        return [.. _findings.OrderBy(finding => finding.Line)];
    }

    private void ReadObject(JsonElement line)
    {
        FindSecretsIn(line);
        foreach (var key in Correlation)
        {
            if (!line.TryGetProperty(key, out var value))
                Add("missing-key", $"{key} is missing");
            else if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                Add("wrong-type", $"{key} is neither text nor null");
        }

        if (line.TryGetProperty("httpStatus", out _) || line.TryGetProperty("durationMs", out _))
            ReadCompletion(line);
        else if (Text(line, "requestId") is { } request && Text(line, "spanId") is not null && IsOurs(line))
            _begun.TryAdd(Name(line, request), Lines);
    }

    private void ReadCompletion(JsonElement line)
    {
        foreach (var key in Completion)
        {
            if (!line.TryGetProperty(key, out _))
                Add("missing-key", $"{key} is missing on a completion line");
        }

        foreach (var key in (string[])["requestId", "traceId", "status"])
        {
            if (Text(line, key) is null)
                Add("missing-value", $"{key} has no value on a completion line");
        }

        if (line.TryGetProperty("httpStatus", out var number)
            && (number.ValueKind != JsonValueKind.Number || number.GetRawText() != Text(line, "status")))
            Add("status-differs", "status and httpStatus are not the same");
        if (line.TryGetProperty("durationMs", out var duration) && (duration.ValueKind != JsonValueKind.Number || duration.GetDouble() < 0))
            Add("wrong-type", "durationMs is not a number of milliseconds");
        // A client may use its id again, in a retry: the server's span is what makes a request one.
        Requests++;
        if (Text(line, "requestId") is not { } request)
            return;
        var name = $"{Name(line, request)} {Text(line, "spanId")}";
        if (!_completed.TryAdd(name, Lines))
            Add("completed-twice", $"request {request} was completed on line {_completed[name]} already");
        _completed.TryAdd(Name(line, request), Lines);
    }

    private void FindSecretsIn(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                FindSecret(value.GetString()!);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    FindSecret(member.Name);
                    FindSecretsIn(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    FindSecretsIn(item);
                break;
        }
    }

    private void FindSecret(string text)
    {
        for (var i = 0; i < canaries.Count; i++)
        {
            // By number: a report that repeats the secret would be the next leak.
            if (canaries[i].FindIn(text) is { } spelling && _secretsOfLine.Add(i))
                Add("secret", $"canary {i + 1} is in it, {spelling}");
        }
    }

    private void Add(string rule, string detail) => _findings.Add(new(Lines, rule, detail));

    // A framework at a talkative level also writes about probes, whose completion lines are at debug level.
    private static bool IsOurs(JsonElement line) =>
        Text(line, "logger") is not { } logger
        || !(logger.StartsWith("Microsoft.", StringComparison.Ordinal) || logger.StartsWith("System.", StringComparison.Ordinal)
            || logger.StartsWith("Yarp.", StringComparison.Ordinal));

    private static string Name(JsonElement line, string request) => $"{Text(line, "program") ?? "?"} {request}";

    private static string? Text(JsonElement line, string key) =>
        line.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
