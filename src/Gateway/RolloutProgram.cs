using Gateway.Rollout;
using Gateway.Rollout.Control;
using Gateway.Snapshots;
using Gateway.Starting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Logging;
using ServiceDefaults.Starting;

namespace Gateway;

/// <summary><c>gateway rollout run</c>: a controller without a gateway. It listens nowhere, and asks those that it is told of.</summary>
internal static class RolloutProgram
{
    private const string Typed = "gateway rollout run";

    /// <returns>As a program's: 0 when it was told to stop, 1 when it could not start, 2 for what cannot be meant.</returns>
    public static Task<int> RunAsync(string[] args) => Startup.ReportAsync(async () =>
    {
        await using var app = Build(args);
        if (app.Services.GetRequiredService<RolloutOptions>().Gateways.Count == 0)
            throw new WrongUsageException($"{Typed}: Rollout:Gateways names no gateway to read evidence of, and nothing was started.");
        await app.RunAsync();
    });

    private static WebApplication Build(string[] args)
    {
        var arguments = new ArgumentSettings(Typed, args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddJsonLogs(Startup.ProgramName);
        builder.AddDefaults(("Rollout:Controller", "true"));
        builder.Services.AddSystemd();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IServer, NoServer>();
        builder.Services.AddSingleton(new ConfigFolder(
            ConfigFolder.Find(builder.Configuration[ConfigFolder.EnvironmentVariable], builder.Environment.ContentRootPath),
            static _ => "true", builder.Environment.EnvironmentName, [], TimeProvider.System));
        builder.Services.AddRolloutController();
        arguments.RefuseUnknown(builder, ConfigFolder.EnvironmentVariable);
        return builder.Build();
    }

    /// <summary>In the place of Kestrel: the host starts a server, and this program answers nobody.</summary>
    private sealed class NoServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
