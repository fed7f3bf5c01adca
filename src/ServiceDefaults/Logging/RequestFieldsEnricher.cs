using System.Buffers;
using System.Diagnostics;
using Serilog.Core;
using Serilog.Events;

namespace ServiceDefaults.Logging;

/// <summary>Puts the ambient request fields on an event; a value named in the line's own template wins.</summary>
internal sealed class RequestFieldsEnricher : ILogEventEnricher
{
    private const int LongestName = 200;

    private static readonly SearchValues<char> NotInNames = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || char.IsControl(c))]);

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        // The hosting scope has ids of its own; the request's is Kestrel's connection id, which no client ever saw.
        logEvent.RemovePropertyIfPresent("RequestId");
        logEvent.RemovePropertyIfPresent("TraceId");
        logEvent.RemovePropertyIfPresent("SpanId");
        if (Activity.Current is { } activity)
        {
            Set(logEvent, "TraceId", activity.TraceId.ToHexString());
            Set(logEvent, "SpanId", activity.SpanId.ToHexString());
        }

        if (RequestFields.Current is not { } fields)
            return;
        Set(logEvent, "RequestId", fields.RequestId);
        SetIfAbsent(logEvent, "UserId", fields.UserId);
        SetIfAbsent(logEvent, "Channel", NameOrNull(fields.Channel));
        SetIfAbsent(logEvent, "CalendarId", NameOrNull(fields.CalendarId));
        SetIfAbsent(logEvent, "RunId", NameOrNull(fields.RunId));
    }

    /// <summary>These come from clients and backends: what is no name, such as a post's text, is not logged as one.</summary>
    private static string? NameOrNull(string? value) =>
        value is { Length: > 0 and <= LongestName } && !value.AsSpan().ContainsAny(NotInNames) ? value : null;

    private static void Set(LogEvent logEvent, string name, string value) =>
        logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(value)));

    private static void SetIfAbsent(LogEvent logEvent, string name, string? value)
    {
        if (value is not null && !logEvent.Properties.ContainsKey(name))
            logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(value)));
    }
}
