using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Correlation;
using ServiceDefaults.Logging;

namespace ServiceDefaults.Completion;

/// <summary>
/// The one line in which each request ends: its words, its fields and its order. Written as it stands, because a log event with a
/// dictionary of its values costs more than all that is written.
/// </summary>
/// <param name="Path">Without its query.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CompletionLine(
    RequestFields Fields, string Method, string Path, int HttpStatus, TimeSpan Took, Activity? Span)
{
    /// <summary>nginx's number for "the client went away before the answer".</summary>
    private const int ClientClosedRequest = 499;

    private const string Null = "null";

    /// <summary>Decided once, because a client may still leave between the line and the span.</summary>
    public static int DecideStatus(HttpContext context, RequestFields fields) => fields.HttpStatus ??=
        context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? ClientClosedRequest : context.Response.StatusCode;

    /// <summary>The rest of a line that the formatter has begun.</summary>
    public void Write(LineBuffer output)
    {
        output.WriteRaw("\"Serilog.AspNetCore.RequestLoggingMiddleware\",\"message\":\""u8);
        WriteMessage(output);
        output.WriteRaw("\""u8);
        WriteField(",\"requestId\":"u8, Fields.RequestId, output);
        WriteField(",\"userId\":"u8, Fields.UserId, output);
        WriteField(",\"channel\":"u8, LineFields.NameOrNull(Fields.Channel), output);
        WriteField(",\"calendarId\":"u8, LineFields.NameOrNull(Fields.CalendarId), output);
        WriteField(",\"runId\":"u8, LineFields.NameOrNull(Fields.RunId), output);
        output.WriteRaw(",\"status\":\""u8);
        output.WriteRaw(HttpStatus);
        WriteTrace(output);
        WriteField(",\"method\":"u8, Redact(Method), output);
        WriteField(",\"path\":"u8, Redact(Path), output);
        output.WriteRaw(",\"httpStatus\":"u8);
        output.WriteRaw(HttpStatus);
        WriteField(",\"route\":"u8, Redact(Fields.Route), output);
        WriteField(",\"backend\":"u8, Redact(Fields.Backend), output);
        WriteField(",\"reason\":"u8, Redact(Fields.Reason), output);
        WriteField(",\"outcome\":"u8, Redact(Fields.Outcome), output);
        output.WriteRaw(",\"durationMs\":"u8);
        output.WriteMilliseconds(Took);
        output.WriteRaw("}\n"u8);
    }

    private static void WriteField(ReadOnlySpan<byte> key, string? value, LineBuffer output)
    {
        output.WriteRaw(key);
        if (value is null)
            output.WriteRaw("null"u8);
        else
            output.WriteText(value);
    }

    /// <summary>The words of <see cref="CompletionExtensions.Template"/>.</summary>
    private void WriteMessage(LineBuffer output)
    {
        if (MayHoldSecret(Method) || MayHoldSecret(Path) || MayHoldSecret(Fields.Route) || MayHoldSecret(Fields.Backend)
            || MayHoldSecret(Fields.Reason) || MayHoldSecret(Fields.Outcome))
        {
            output.WriteEscaped(LogRedaction.Apply(string.Create(
                CultureInfo.InvariantCulture,
                $"{Method} {Path} {HttpStatus} by {Fields.Backend ?? Null} in {Math.Round(Took.TotalMilliseconds, 3)} ms")
                + $" (status {HttpStatus}, route {Fields.Route ?? Null}, reason {Fields.Reason ?? Null}"
                + $", outcome {Fields.Outcome ?? Null})"));
            return;
        }

        output.WriteEscaped(Method);
        output.WriteRaw(" "u8);
        output.WriteEscaped(Path);
        output.WriteRaw(" "u8);
        output.WriteRaw(HttpStatus);
        output.WriteRaw(" by "u8);
        output.WriteEscaped(Fields.Backend ?? Null);
        output.WriteRaw(" in "u8);
        output.WriteMilliseconds(Took);
        output.WriteRaw(" ms (status "u8);
        output.WriteRaw(HttpStatus);
        output.WriteRaw(", route "u8);
        output.WriteEscaped(Fields.Route ?? Null);
        output.WriteRaw(", reason "u8);
        output.WriteEscaped(Fields.Reason ?? Null);
        output.WriteRaw(", outcome "u8);
        output.WriteEscaped(Fields.Outcome ?? Null);
        output.WriteRaw(")"u8);
    }

    private void WriteTrace(LineBuffer output)
    {
        output.WriteRaw("\",\"traceId\":"u8);
        if (Span is not null)
        {
            output.WriteText(Span.TraceId.ToHexString());
            output.WriteRaw(",\"spanId\":"u8);
            output.WriteText(Span.SpanId.ToHexString());
        }
        else if (Fields.Trace is { } trace)
        {
            output.WriteRaw("\""u8);
            output.WriteHex(trace.TraceHigh);
            output.WriteHex(trace.TraceLow);
            output.WriteRaw("\",\"spanId\":\""u8);
            output.WriteHex(trace.Span);
            output.WriteRaw("\""u8);
        }
        else
        {
            output.WriteRaw("null,\"spanId\":null"u8);
        }
    }

    private static string? Redact(string? text) => text is not null && MayHoldSecret(text) ? LogRedaction.Apply(text) : text;

    private static bool MayHoldSecret(string? text) => text.AsSpan().ContainsAny('?', '@');
}
