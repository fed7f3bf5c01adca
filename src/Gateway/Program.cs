using Gateway;
using Gateway.Accounting;
using Gateway.Admin;
using Gateway.CommandLine;
using Gateway.Cors;
using Gateway.Decisions;
using Gateway.DryRun;
using Gateway.Fallback;
using Gateway.Health;
using Gateway.Identity;
using Gateway.Overload;
using Gateway.Rollout.Control;
using Gateway.Rollout.Overrides;
using Gateway.Routing;
using Gateway.Shutdown;
using Gateway.Snapshots;
using Gateway.Starting;
using Gateway.Streams;
using Gateway.Telemetry;
using Gateway.Tls;
using Gateway.Traffic;
using Gateway.Upstream;
using Gateway.Wire;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServiceDefaults.Logging;
using ServiceDefaults.Metrics;
using ServiceDefaults.Starting;
using ServiceDefaults.Tracing;

var commands = new GatewayCommand(static host => GatewayApplication.BuildAsync(host, serves: false), RolloutProgram.RunAsync);
if (GatewayCommand.Handles(args))
    return await commands.RunAsync(args);
return await Startup.ReportAsync(async () =>
{
    await using var app = await GatewayApplication.BuildAsync(args, words: commands.Words);
    await app.RunAsync();
});

namespace Gateway
{
    /// <summary>The gateway's table of contents. The command line builds it too, to ask it, without starting it.</summary>
    internal static class GatewayApplication
    {
        /// <param name="environmentVariable">Reads the switches; this process's environment unless a test brings its own.</param>
        /// <param name="logs">Where log lines go; standard output by default.</param>
        /// <param name="words">What may have been meant by an argument that is no setting.</param>
        /// <param name="serves">False for one that is only asked: it probes no backend and writes no line.</param>
        public static async Task<WebApplication> BuildAsync(
            string[] args, Func<string, string?>? environmentVariable = null, TextWriter? logs = null, IReadOnlyList<string>? words = null,
            bool serves = true)
        {
            var arguments = new ArgumentSettings(Startup.ProgramName, args, words ?? []);
            // appsettings.json is found wherever the program is started from.
            var builder = WebApplication.CreateBuilder(
                new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
            builder.AddStartingSettings();
            builder.AddJsonLogs(Startup.ProgramName, logs);
            builder.AddTracing(Startup.ProgramName);
            builder.Services.AddSystemd(); // Under it: says when the program is ready and when it stops.
            builder.WebHost.ConfigureListeners();

            builder.Services.AddSingleton(TimeProvider.System);
            builder.Services.AddPrometheus(Startup.ProgramName);
            builder.Services.AddTelemetry();
            builder.Services.AddRenewedCertificates();
            builder.Services.AddWire();
            builder.Services.AddIdentity();
            builder.Services.AddRouteMatching();
            builder.Services.AddRouteCors();
            builder.Services.AddHealthPolicy();
            builder.Services.AddStreams();
            builder.Services.AddUpstreams();
            builder.Services.AddOverrides();
            builder.Services.AddDecisions();
            builder.Services.AddOverload();
            builder.Services.AddDryRun();
            builder.Services.AddFallback();
            builder.Services.AddRollout();
            builder.Services.AddAccounting();
            builder.Services.AddTraffic();
            builder.Services.AddAdmin();
            builder.Services.AddShutdown();
            arguments.RefuseUnknown(builder, ConfigFolder.EnvironmentVariable, Startup.UrlsKey); // All are known, no file is read yet.
            await builder.AddConfigFolderAsync(environmentVariable ?? Environment.GetEnvironmentVariable);
            if (!serves)
                builder.Services.WithoutProbes().RemoveAll<ILoggerProvider>();

            var app = builder.Build();
            app.Services.RegisterSeries();
            app.UseRequestPipeline();
            return app;
        }
    }
}
