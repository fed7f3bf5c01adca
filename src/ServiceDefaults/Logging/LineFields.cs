using System.Buffers;
using System.Diagnostics;
using Serilog.Events;
using ServiceDefaults.Correlation;

namespace ServiceDefaults.Logging;

/// <summary>
/// What a line has under a name: the ambient request's and trace's ids, and what is on the event. A value named in the line's own template
/// wins, but for the ids. Looked up when the line is written, by the thread that logs it: putting them on the event costs more than writing
/// them.
/// </summary>
internal readonly struct LineFields(LogEvent line)
{
    private const int LongestName = 200;

    private static readonly SearchValues<char> NotInNames = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || char.IsControl(c))]);

    private readonly RequestFields? _request = RequestFields.Current;
    private readonly Activity? _activity = Activity.Current;

    public LogEvent Line { get; } = line;

    public LogEventPropertyValue? Find(string name) => name switch
    {
        // The hosting scope has ids of its own; the request's is Kestrel's connection id, which no client ever saw.
        "RequestId" => ToScalar(_request?.RequestId),
        "TraceId" => ToScalar(_activity?.TraceId.ToHexString() ?? _request?.Trace?.TraceId),
        "SpanId" => ToScalar(_activity?.SpanId.ToHexString() ?? _request?.Trace?.SpanId),
        "UserId" => OnEvent(name) ?? ToScalar(_request?.UserId),
        "Channel" => OnEvent(name) ?? ToScalar(NameOrNull(_request?.Channel)),
        "CalendarId" => OnEvent(name) ?? ToScalar(NameOrNull(_request?.CalendarId)),
        "RunId" => OnEvent(name) ?? ToScalar(NameOrNull(_request?.RunId)),
        _ => OnEvent(name),
    };

    private LogEventPropertyValue? OnEvent(string name) => Line.Properties.GetValueOrDefault(name);

    private static ScalarValue? ToScalar(string? value) => value is null ? null : new ScalarValue(value);

    /// <summary>These come from clients and backends: what is no name, such as a post's text, is not logged as one.</summary>
    public static string? NameOrNull(string? value) =>
        value is { Length: > 0 and <= LongestName } && !value.AsSpan().ContainsAny(NotInNames) ? value : null;
}
