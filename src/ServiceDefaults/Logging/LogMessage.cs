using Serilog.Events;
using Serilog.Parsing;

namespace ServiceDefaults.Logging;

/// <summary>
/// A line's message as Serilog's <c>{Message:l} </c> has it: literal strings, since it is read by people and the typed values stand beside
/// it. Serilog's own would not see the correlation, which is not on the event.
/// </summary>
internal static class LogMessage
{
    public static string Render(in LineFields fields, StringWriter message)
    {
        foreach (var token in fields.Line.MessageTemplate.Tokens)
        {
            if (token is TextToken text)
                message.Write(text.Text);
            else if (token is PropertyToken hole && fields.Find(hole.PropertyName) is { } value)
                Render(value, hole, message);
            else
                message.Write(token.ToString());
        }

        return message.ToString();
    }

    private static void Render(LogEventPropertyValue value, PropertyToken hole, StringWriter message)
    {
        var start = message.GetStringBuilder().Length;
        if (value is ScalarValue { Value: string text })
            message.Write(text);
        else
            value.Render(message, hole.Format);

        if (hole.Alignment is not { } alignment)
            return;
        var builder = message.GetStringBuilder();
        var missing = Math.Max(0, alignment.Width - (builder.Length - start));
        builder.Insert(alignment.Direction == AlignmentDirection.Right ? start : builder.Length, " ", missing);
    }
}
