using System.Diagnostics;
using Serilog.Core;
using Serilog.Events;

namespace ServiceDefaults.Logging;

/// <summary>Puts the ambient request fields on an event; a value named in the line's own template wins.</summary>
internal sealed class RequestFieldsEnricher : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (Activity.Current is { } activity)
            Set(logEvent, "TraceId", activity.TraceId.ToHexString());
        if (RequestFields.Current is not { } fields)
            return;

        // The hosting scope has a RequestId of its own (Kestrel's connection id): ours replaces it.
        Set(logEvent, "RequestId", fields.RequestId);
        SetIfAbsent(logEvent, "UserId", fields.UserId);
        SetIfAbsent(logEvent, "Channel", fields.Channel);
        SetIfAbsent(logEvent, "CalendarId", fields.CalendarId);
        SetIfAbsent(logEvent, "RunId", fields.RunId);
    }

    private static void Set(LogEvent logEvent, string name, string value) =>
        logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(value)));

    private static void SetIfAbsent(LogEvent logEvent, string name, string? value)
    {
        if (value is not null && !logEvent.Properties.ContainsKey(name))
            logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(value)));
    }
}
