using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Correlation;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Logging;

namespace ServiceDefaults.Completion;

/// <summary>Writes the completion lines, onto the same sink as every other line.</summary>
internal sealed class CompletionLog(LineSink sink, JsonLogFormatter formatter, ILoggerFactory loggers)
{
    /// <summary>Under this name the line's level is set.</summary>
    private readonly ILogger _levels = loggers.CreateLogger("Serilog.AspNetCore.RequestLoggingMiddleware");

    public void Write(HttpContext context, RequestFields fields, int status, TimeSpan took)
    {
        var level = DecideLevel(context, status);
        if (!_levels.IsEnabled(level))
            return;
        // As the server read it: a middleware may have moved a part of it elsewhere.
        var path = context.Features.Get<IHttpRequestFeature>()?.Path is { Length: > 0 } asked ? asked : context.Request.Path.Value ?? "";
        var line = LineSink.Begin();
        // The system's time, as on every other line, and not the clock that a program is given.
        formatter.Begin(TimeProvider.System.GetUtcNow().UtcDateTime, level == LogLevel.Debug ? "debug" : "information", line);
        new CompletionLine(
            fields, context.Request.Method, path, status, took, Activity.Current).Write(line);
        sink.End(line);
    }

    /// <summary>Probes are asked every few hundred milliseconds: their good answers would hide the other lines.</summary>
    private static LogLevel DecideLevel(HttpContext context, int status) =>
        status < StatusCodes.Status400BadRequest && context.GetEndpoint()?.Metadata.GetMetadata<ProbeEndpoint>() is not null
            ? LogLevel.Debug
            : LogLevel.Information;
}
