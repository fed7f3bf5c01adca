using Gateway;
using Gateway.Admin;
using Gateway.CommandLine;
using Gateway.Configuration;
using Gateway.DryRun;
using Gateway.Fallback;
using Gateway.Identity;
using Gateway.Overload;
using Gateway.Routing;
using Gateway.Shutdown;
using Gateway.Telemetry;
using Gateway.Upstream;
using Gateway.Wire;
using ServiceDefaults.Completion;
using ServiceDefaults.Logging;
using ServiceDefaults.Metrics;
using ServiceDefaults.Tracing;

if (GatewayCommand.Handles(args))
    return await GatewayCommand.RunAsync(args);
return await Startup.ReportAsync(async () =>
{
    await using var app = await GatewayApplication.BuildAsync(args);
    await app.RunAsync();
});

namespace Gateway
{
    /// <summary>The gateway's table of contents. The command line builds it too, to ask it, without starting it.</summary>
    internal static class GatewayApplication
    {
        /// <param name="environmentVariable">Reads the switches; this process's environment unless a test brings its own.</param>
        /// <param name="logs">Where log lines go; standard output by default.</param>
        public static async Task<WebApplication> BuildAsync(
            string[] args, Func<string, string?>? environmentVariable = null, TextWriter? logs = null)
        {
            // appsettings.json is found wherever the program is started from.
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
            builder.AddStartingSettings();
            builder.AddJsonLogs(Startup.ProgramName, logs);
            builder.AddTracing(Startup.ProgramName);
            builder.WebHost.ConfigureListeners();

            builder.Services.AddSingleton(TimeProvider.System);
            builder.Services.AddPrometheus(Startup.ProgramName);
            builder.Services.AddGatewayOptions();
            await builder.AddConfigFolderAsync(environmentVariable ?? Environment.GetEnvironmentVariable);
            builder.Services.AddWire();
            builder.Services.AddIdentity();
            builder.Services.AddRoutingDecision();
            builder.Services.AddUpstreams();
            builder.Services.AddOverload();
            builder.Services.AddFallback();
            builder.Services.AddDryRun();
            builder.Services.AddTelemetry();
            builder.Services.AddAdmin();
            builder.Services.AddShutdown();

            var app = builder.Build();
            app.Services.StartTelemetry();

            app.UseRequestCompletion();       // The id first and the log line last: nothing escapes them.
            app.MapAdmin();                   // Leaves the public way before anything of it is seen.
            app.UseMiddleware<ExchangeMiddleware>();
            app.UseWireChecks();              // Nothing further in reads what could be read in two ways.
            app.UseMiddleware<IdentityMiddleware>(); // Before routing: no route may match a forged header.
            app.UseRouting();
            app.MapReverseProxy(proxy =>
            {
                proxy.UseSameRouteForEveryReading();
                proxy.UseMiddleware<FallbackMiddleware>(); // Runs what follows once a try.
                proxy.UseSessionAffinity();
                proxy.UseLoadBalancing();
                proxy.UsePassiveHealthChecks();
            });
            app.MapFallback("{**path}", Refusal.NotFoundAsync);
            app.Services.GetRequiredService<RouteMatcher>().Attach(app);
            return app;
        }
    }
}
