using Gateway.Starting;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Snapshots;

internal static class SnapshotsExtensions
{
    /// <summary>Loads the config folder before anything else is built on it, and watches it from then on.</summary>
    /// <exception cref="ConfigurationRefusedException">With every finding.</exception>
    public static async Task AddConfigFolderAsync(this WebApplicationBuilder builder, Func<string, string?> environmentVariable)
    {
        var folder = new ConfigFolder(
            ConfigFolder.Find(builder.Configuration[ConfigFolder.EnvironmentVariable], builder.Environment.ContentRootPath),
            environmentVariable, builder.Environment.EnvironmentName, Startup.FindListeners(builder.Configuration),
            TimeProvider.System);
        var store = new ConfigStore(await folder.ParseAsync(folder.Read()));
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton<ConfigEvents>();
        builder.Services.AddSingleton<ConfigGauges>();
        builder.Services.AddSingleton<IProxyConfigProvider>(store.Proxy);
        builder.Services.AddSingleton<IConfigChangeListener>(store);
        builder.Services.AddHostedService<ConfigReloadWorker>();
    }
}
