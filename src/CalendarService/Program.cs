using CalendarService.Calendars;
using CalendarService.Channels;
using CalendarService.Configuration;
using CalendarService.Export;
using CalendarService.Generation;
using CalendarService.Publishing;
using CalendarService.Publishing.Spool;
using CalendarService.Requests;
using CalendarService.Storage;
using CalendarService.Telemetry;
using ServiceDefaults.Completion;
using ServiceDefaults.Logging;
using ServiceDefaults.Metrics;
using ServiceDefaults.Tracing;

namespace CalendarService;

internal static class Program
{
    /// <summary>In log lines and traces, and at the beginning of metrics' names.</summary>
    private const string ProgramName = "calendar";

    private static Task<int> Main(string[] args) => Startup.ReportAsync(async () =>
    {
        await using var app = Build(args);
        await app.RunAsync();
    });

    /// <param name="customise">The last word on the services, for those who run the program inside another one.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? customise = null)
    {
        // appsettings.json is found wherever the program is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddDefaultAddress();
        builder.AddJsonLogs(ProgramName);
        builder.AddTracing(ProgramName);

        var options = new OptionsReader(builder.Configuration);
        builder.AddStorage(options);
        builder.AddRequests(options);
        builder.AddGeneration(options);
        builder.AddSpool(options);

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddPrometheus(ProgramName);
        builder.Services.AddSingleton<CalendarMetrics>();
        builder.Services.AddChannels(builder.Configuration);
        builder.Services.AddCalendars();
        builder.Services.AddPublishing();
        builder.Services.AddExport();
        customise?.Invoke(builder.Services);

        var app = builder.Build();
        options.Collect(app.Services);
        options.ThrowIfFaulty();
        options.TellIgnored(app.Logger);
        app.Services.DeclareKnownSeries();

        app.UseRequestCompletion(); // Outermost: id, fields, the one completion line.
        app.UseRouting(); // Before what wants to know the endpoint.
        app.UseMiddleware<RequestLabelsMiddleware>();
        app.UseMiddleware<RefusalMiddleware>(); // Innermost: sees every refusal, also those of binding.

        app.MapPrometheus().WithName("metrics");
        app.MapHealth();
        app.MapCalendars();
        app.MapGeneration();
        app.MapExport();
        app.MapPublishing();
        return app;
    }
}
