using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.AspNetCore;
using Serilog.Events;
using Serilog.Extensions.Logging;
using ServiceDefaults.Correlation;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Logging;

namespace ServiceDefaults.Completion;

/// <summary>The one line in which each request ends: its words, its fields and its level. Serilog's request logging writes it.</summary>
public static class CompletionLine
{
    /// <summary>Also for who refuses a request before any middleware sees it, so that its line has the same keys.</summary>
    public const string Template =
        "{Method} {Path} {HttpStatus} by {Backend} in {DurationMs} ms (status {Status}, route {Route}, reason {Reason}, outcome {Outcome})";

    /// <summary>Under which name the line's level is set, and what it has as its logger.</summary>
    private const string Category = "Serilog.AspNetCore.RequestLoggingMiddleware";

    /// <summary>nginx's number for "the client went away before the answer".</summary>
    private const int ClientClosedRequest = 499;

    internal static void Configure(RequestLoggingOptions options, IServiceProvider services)
    {
        options.Logger = CreateLogger(services);
        options.MessageTemplate = Template;
        options.GetLevel = static (context, _, _) => DecideLevel(context, DecideStatus(context, GetFields(context)));
        options.GetMessageTemplateProperties = static (context, path, elapsed, _) => CreateProperties(context, path, elapsed);
    }

    /// <summary>Decided once, because a client may still leave between the line and the span.</summary>
    internal static int DecideStatus(HttpContext context, RequestFields fields) => fields.HttpStatus ??=
        context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? ClientClosedRequest : context.Response.StatusCode;

    /// <summary>
    /// Onto this host's own output: the static logger, which is the library's default, is shared by all hosts of a process. The library
    /// does not ask <c>Logging:LogLevel</c>, so the filter does.
    /// </summary>
    private static Serilog.Core.Logger CreateLogger(IServiceProvider services)
    {
        var levels = services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        return new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .Filter.ByIncludingOnly(line => levels.IsEnabled(LevelConvert.ToExtensionsLevel(line.Level)))
            .WriteTo.Sink(services.GetRequiredService<LineSink>())
            .CreateLogger();
    }

    /// <summary>Probes are asked every few hundred milliseconds: their good answers would hide the other lines.</summary>
    private static LogEventLevel DecideLevel(HttpContext context, int status) =>
        status < StatusCodes.Status400BadRequest && context.GetEndpoint()?.Metadata.GetMetadata<ProbeEndpoint>() is not null
            ? LogEventLevel.Debug
            : LogEventLevel.Information;

    /// <remarks>In the order in which they stand on the line. Not through the library's diagnostic context, which would put them
    /// first.</remarks>
    private static LogEventProperty[] CreateProperties(HttpContext context, string path, double elapsed)
    {
        var fields = GetFields(context);
        var status = DecideStatus(context, fields);
        return
        [
            new("Method", new ScalarValue(context.Request.Method)),
            new("Path", new ScalarValue(path)),
            new("Status", new ScalarValue(status.ToString(CultureInfo.InvariantCulture))),
            new("HttpStatus", new ScalarValue(status)),
            new("Route", new ScalarValue(fields.Route)),
            new("Backend", new ScalarValue(fields.Backend)),
            new("Reason", new ScalarValue(fields.Reason)),
            new("Outcome", new ScalarValue(fields.Outcome)),
            new("DurationMs", new ScalarValue(Math.Round(elapsed, 3))),
        ];
    }

    private static RequestFields GetFields(HttpContext context) => context.Features.GetRequiredFeature<RequestFields>();
}
