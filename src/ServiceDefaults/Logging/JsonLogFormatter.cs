using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace ServiceDefaults.Logging;

/// <summary>
/// One JSON object a line. The correlation keys are on every line, text or null when unknown, so that a
/// log query never has to ask whether a field exists. Names are camelCase, other values keep their JSON type.
/// </summary>
internal sealed class JsonLogFormatter(string program) : ITextFormatter
{
    private static readonly string[] Required =
        ["RequestId", "UserId", "Channel", "CalendarId", "RunId", "Status", "TraceId", "SpanId"];

    // Written under other names, or added by the host's own scope and covered by ours.
    private static readonly HashSet<string> Omitted = new(StringComparer.Ordinal)
    {
        "SourceContext", "EventId", "RequestPath", "ConnectionId", "ParentId",
    };

    // YARP's lines have a {Message} of their own; a key twice in one object is no JSON.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Timestamp", "Level", "Program", "Logger", "Message", "Exception",
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
        output.Write("\",\"program\":\"");
        output.Write(program);
        output.Write("\",\"logger\":");
        WriteValue(logEvent, "SourceContext", output);
        output.Write(",\"message\":");
        WriteMessage(logEvent, output);

        foreach (var name in Required)
        {
            WriteKey(name, output);
            WriteText(logEvent, name, output);
        }

        var foreign = IsForeign(logEvent);
        foreach (var (name, value) in logEvent.Properties)
        {
            if (Omitted.Contains(name) || Required.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            // HttpClient's trace lines star out headers in the message and hand over their values as lists beside it.
            if (foreign && value is not ScalarValue)
                continue;
            WriteKey(Reserved.Contains(name) ? name + "Field" : name, output);
            WriteRedacted(value, foreign, output);
        }

        if (logEvent.Exception is { } exception)
        {
            output.Write(",\"exception\":");
            WriteRedacted(exception.ToString(), foreign: true, output);
        }

        output.Write("}\n");
    }

    private static void WriteMessage(LogEvent logEvent, TextWriter output)
    {
        using var message = new StringWriter();
        Message.Format(logEvent, message);
        WriteRedacted(message.ToString(), IsForeign(logEvent), output);
    }

    private static void WriteRedacted(string text, bool foreign, TextWriter output) =>
        JsonValueFormatter.WriteQuotedJsonString(foreign ? LogRedaction.ApplyToForeign(text) : LogRedaction.Apply(text), output);

    // What a framework puts into its lines is not ours to choose.
    private static bool IsForeign(LogEvent logEvent) =>
        logEvent.Properties.GetValueOrDefault("SourceContext") is ScalarValue { Value: string logger }
        && (logger.StartsWith("Microsoft.", StringComparison.Ordinal) || logger.StartsWith("System.", StringComparison.Ordinal)
            || logger.StartsWith("Yarp.", StringComparison.Ordinal));

    private static void WriteRedacted(LogEventPropertyValue value, bool foreign, TextWriter output)
    {
        switch (value)
        {
            case ScalarValue { Value: null or bool or char } or ScalarValue { Value: IFormattable and not Uri }:
                Values.Format(value, output);
                break;
            case ScalarValue scalar:
                WriteRedacted(scalar.Value!.ToString() ?? "", foreign, output);
                break;
            default:
                using (var json = new StringWriter())
                {
                    Values.Format(value, json);
                    output.Write(LogRedaction.Apply(json.ToString()));
                }

                break;
        }
    }

    private static void WriteKey(string name, TextWriter output)
    {
        output.Write(",\"");
        output.Write(char.ToLowerInvariant(name[0]));
        output.Write(name.AsSpan(1));
        output.Write("\":");
    }

    /// <summary>Always text: a framework's <c>{Status}</c> may be a number or an enum.</summary>
    private static void WriteText(LogEvent logEvent, string name, TextWriter output)
    {
        if (logEvent.Properties.GetValueOrDefault(name) is ScalarValue { Value: { } value })
            JsonValueFormatter.WriteQuotedJsonString(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", output);
        else
            output.Write("null");
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
