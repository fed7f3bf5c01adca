using System.Collections.Frozen;
using System.Globalization;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace ServiceDefaults.Logging;

/// <summary>
/// One JSON object a line. The correlation keys are on every line, text or null when unknown, so that a
/// log query never has to ask whether a field exists. Names are camelCase, other values keep their JSON type.
/// </summary>
internal sealed class JsonLogFormatter(string program)
{
    private static readonly string[] Required =
        ["RequestId", "UserId", "Channel", "CalendarId", "RunId", "Status", "TraceId", "SpanId"];

    private static readonly FrozenSet<string> RequiredInAnyCase = Required.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Written under other names, or added by the host's own scope and covered by ours.
    private static readonly FrozenSet<string> Omitted =
        FrozenSet.Create(StringComparer.Ordinal, "SourceContext", "EventId", "RequestPath", "ConnectionId", "ParentId");

    // YARP's lines have a {Message} of their own, and a key must not be twice in one object.
    private static readonly FrozenSet<string> Reserved =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Timestamp", "Level", "Program", "Logger", "Message", "Exception");

    private static readonly JsonValueFormatter Values = new(typeTagName: null);

    /// <summary>What every line begins with, up to the value of <c>logger</c>.</summary>
    public void Begin(DateTime utc, ReadOnlySpan<char> level, LineBuffer output)
    {
        output.WriteRaw("{\"timestamp\":\""u8);
        output.WriteRaw(utc, "O");
        output.WriteRaw("\",\"level\":\""u8);
        output.WriteRaw(level);
        output.WriteRaw("\",\"program\":\""u8);
        output.WriteRaw(program);
        output.WriteRaw("\",\"logger\":"u8);
    }

    public void Format(LogEvent logEvent, LineBuffer output)
    {
        var fields = new LineFields(logEvent);
        var logger = fields.Find("SourceContext");
        var foreign = IsForeign(logger);

        Begin(logEvent.Timestamp.UtcDateTime, NameLevel(logEvent.Level), output);
        WriteText(logger, output);
        output.WriteRaw(",\"message\":"u8);
        output.WriteText(Redact(LogMessage.Render(fields, output.Message), foreign));

        foreach (var name in Required)
        {
            WriteKey(name, output);
            WriteText(fields.Find(name), output);
        }

        foreach (var (name, value) in logEvent.Properties)
        {
            if (Omitted.Contains(name) || RequiredInAnyCase.Contains(name))
                continue;
            // HttpClient's trace lines star out headers in the message and hand over their values as lists beside it.
            if (foreign && value is not ScalarValue)
                continue;
            WriteKey(Reserved.Contains(name) ? name + "Field" : name, output);
            WriteRedacted(value, foreign, output);
        }

        if (logEvent.Exception is { } exception)
        {
            output.WriteRaw(",\"exception\":"u8);
            output.WriteText(Redact(exception.ToString(), foreign: true));
        }

        output.WriteRaw("}\n"u8);
    }

    private static string Redact(string text, bool foreign) => foreign ? LogRedaction.ApplyToForeign(text) : LogRedaction.Apply(text);

    // Our own lines name what they log; a framework's may hold anything of a request, secrets too.
    private static bool IsForeign(LogEventPropertyValue? name) =>
        name is ScalarValue { Value: string logger }
        && (logger.StartsWith("Microsoft.", StringComparison.Ordinal) || logger.StartsWith("System.", StringComparison.Ordinal)
            || logger.StartsWith("Yarp.", StringComparison.Ordinal));

    private static void WriteRedacted(LogEventPropertyValue value, bool foreign, LineBuffer output)
    {
        switch (value)
        {
            case ScalarValue { Value: null }:
                output.WriteRaw("null"u8);
                break;
            case ScalarValue { Value: int number }:
                output.WriteRaw(number);
                break;
            case ScalarValue { Value: double number } when double.IsFinite(number):
                output.WriteRaw(number);
                break;
            case ScalarValue { Value: bool or char } or ScalarValue { Value: IFormattable and not Uri }:
                output.WriteJson(FormatJson(value));
                break;
            case ScalarValue scalar:
                output.WriteText(Redact(scalar.Value!.ToString() ?? "", foreign));
                break;
            default:
                output.WriteJson(LogRedaction.Apply(FormatJson(value)));
                break;
        }
    }

    private static string FormatJson(LogEventPropertyValue value)
    {
        using var json = new StringWriter();
        Values.Format(value, json);
        return json.ToString();
    }

    private static void WriteKey(string name, LineBuffer output)
    {
        var first = char.ToLowerInvariant(name[0]);
        output.WriteRaw(",\""u8);
        output.WriteEscaped(first == name[0] ? [] : [first]);
        output.WriteEscaped(first == name[0] ? name : name.AsSpan(1));
        output.WriteRaw("\":"u8);
    }

    /// <summary>Always text: a framework's <c>{Status}</c> may be a number or an enum.</summary>
    private static void WriteText(LogEventPropertyValue? value, LineBuffer output)
    {
        if (value is ScalarValue { Value: { } scalar })
            output.WriteText(Convert.ToString(scalar, CultureInfo.InvariantCulture) ?? "");
        else
            output.WriteRaw("null"u8);
    }

    private static string NameLevel(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "information",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "critical",
    };
}
