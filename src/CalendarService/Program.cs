using CalendarService.Admin;
using CalendarService.Calendars;
using CalendarService.Channels;
using CalendarService.Export;
using CalendarService.Generation;
using CalendarService.Health;
using CalendarService.Intents;
using CalendarService.Publishing;
using CalendarService.Publishing.Spool;
using CalendarService.Requests;
using CalendarService.Runs;
using CalendarService.Storage;
using CalendarService.Telemetry;
using Microsoft.Extensions.Options;
using ServiceDefaults.Completion;
using ServiceDefaults.Logging;
using ServiceDefaults.Metrics;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Tracing;

namespace CalendarService;

internal static class Program
{
    private static Task<int> Main(string[] args) => Startup.ReportAsync(async () =>
    {
        if (Startup.Answer(args) is { } answer)
        {
            await Console.Out.WriteLineAsync(answer);
            return;
        }

        if (args is [StartCheck.Name, .. var settings])
        {
            await StartCheck.RunAsync(settings, Console.Out);
            return;
        }

        await using var app = Build(args);
        await app.RunAsync();
    });

    /// <param name="customise">Changes the services last, for those who run the program inside another one.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? customise = null)
    {
        var arguments = Startup.ReadArguments(args);
        // appsettings.json is found wherever the program is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddDefaultAddress();
        builder.AddJsonLogs(Startup.ProgramName);
        builder.AddTracing(Startup.ProgramName);
        builder.Services.AddSystemd(); // Under it: says when the program is ready and when it stops.

        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddStorage();
        builder.Services.AddRequests();
        builder.Services.AddPrometheus(Startup.ProgramName);
        builder.Services.AddSingleton<CalendarMetrics>();
        builder.Services.AddChannels(builder.Configuration);
        builder.Services.AddRuns();
        builder.Services.AddCalendars();
        builder.Services.AddGeneration();
        builder.Services.AddIntents();
        builder.Services.AddSpool();
        builder.Services.AddPublishing();
        builder.Services.AddExport();
        builder.Services.AddAdmin();
        builder.Services.AddOpenApiDocument("The calendar service", HealthReferences.About);
        arguments.RefuseUnknown(builder); // Now that everybody's are known.
        customise?.Invoke(builder.Services);

        var app = builder.Build();
        app.Services.GetRequiredService<IStartupValidator>().Validate(); // Before anything is made from faulty options.
        app.Services.DeclareKnownSeries();

        app.UseRequestCompletion(); // Outermost: the request's id and log fields, and the one completion line, whatever happens inside.
        app.UseRouting(); // Before the labels, which name the endpoint.
        app.UseMiddleware<RequestLabelsMiddleware>(); // Before the refusals, so that a refused request's line has its user and route.
        app.UseMiddleware<RefusalMiddleware>(); // Innermost: sees every refusal of an endpoint, also those of binding its parameters.

        app.MapPrometheus().WithName("metrics").Documented(HealthReferences.Metrics);
        app.MapOpenApiDocument().WithName("openapi");
        app.MapHealth();
        app.MapCalendars();
        app.MapGeneration();
        app.MapExport();
        app.MapPublishing();
        app.MapAdmin();
        return app;
    }
}
