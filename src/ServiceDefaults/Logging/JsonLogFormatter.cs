using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace ServiceDefaults.Logging;

/// <summary>
/// One JSON object a line. The seven correlation keys are on every line, null when unknown, so that a
/// log query never has to ask whether a field exists. Names are camelCase, values keep their JSON type.
/// </summary>
internal sealed class JsonLogFormatter : ITextFormatter
{
    private static readonly string[] Required =
        ["RequestId", "UserId", "Channel", "CalendarId", "RunId", "Status", "TraceId"];

    // Written under other names, or added by the host's own scope and covered by ours.
    private static readonly HashSet<string> Omitted = new(StringComparer.Ordinal)
    {
        "SourceContext", "EventId", "RequestPath", "ConnectionId", "SpanId", "ParentId",
    };

    // YARP's lines have a {Message} of their own; a key twice in one object is no JSON.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Timestamp", "Level", "Logger", "Message", "Exception",
    };

    // Literal strings: a message is read by people, the typed values stand beside it.
    private static readonly MessageTemplateTextFormatter Message = new("{Message:l}");

    private static readonly JsonValueFormatter Values = new(typeTagName: null);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write("{\"timestamp\":\"");
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("O"));
        output.Write("\",\"level\":\"");
        output.Write(Level(logEvent.Level));
        output.Write("\",\"logger\":");
        WriteValue(logEvent, "SourceContext", output);
        output.Write(",\"message\":");
        WriteMessage(logEvent, output);

        foreach (var name in Required)
        {
            WriteKey(name, output);
            WriteValue(logEvent, name, output);
        }

        foreach (var (name, value) in logEvent.Properties)
        {
            if (Omitted.Contains(name) || Required.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            WriteKey(Reserved.Contains(name) ? name + "Field" : name, output);
            Values.Format(value, output);
        }

        if (logEvent.Exception is { } exception)
        {
            output.Write(",\"exception\":");
            JsonValueFormatter.WriteQuotedJsonString(exception.ToString(), output);
        }

        output.Write("}\n");
    }

    private static void WriteMessage(LogEvent logEvent, TextWriter output)
    {
        using var message = new StringWriter();
        Message.Format(logEvent, message);
        JsonValueFormatter.WriteQuotedJsonString(message.ToString(), output);
    }

    private static void WriteKey(string name, TextWriter output)
    {
        output.Write(",\"");
        output.Write(char.ToLowerInvariant(name[0]));
        output.Write(name.AsSpan(1));
        output.Write("\":");
    }

    private static void WriteValue(LogEvent logEvent, string name, TextWriter output)
    {
        if (logEvent.Properties.TryGetValue(name, out var value))
            Values.Format(value, output);
        else
            output.Write("null");
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "information",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "critical",
    };
}
