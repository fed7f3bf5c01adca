using Gateway.Configuration;
using Gateway.Listening;
using ServiceDefaults.Logging;
using ServiceDefaults.Starting;

namespace Gateway.Starting;

internal static class Startup
{
    /// <summary>In log lines and traces, and at the beginning of metrics' names.</summary>
    public const string ProgramName = "gateway";

    public const string UrlsKey = "urls";

    private const string Subject = "The gateway";

    /// <summary>What holds unless a file, a variable or an argument says otherwise.</summary>
    public static void AddStartingSettings(this WebApplicationBuilder builder)
    {
        // Who gives --urls means the public listener. Kestrel would warn that the endpoints of its own settings win.
        var urls = (builder.Configuration[UrlsKey] ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        builder.Configuration[UrlsKey] = "";
        builder.AddDefaults(
        [
            ("Kestrel:Endpoints:Public:Url", urls.FirstOrDefault() ?? "http://*:8080"),
            .. urls.Skip(1).Select((url, index) => ($"Kestrel:Endpoints:Public{index + 2}:Url", url)),
            ("Kestrel:Endpoints:Admin:Url", "http://127.0.0.1:9901"),
            // YARP writes a stack trace for every failed probe and request; RiseFall and Fallback say the same in a line.
            ("Logging:LogLevel:Yarp.ReverseProxy.Health", "Error"),
            ("Logging:LogLevel:Yarp.ReverseProxy.Forwarder", "Error"),
        ]);
    }

    /// <summary>The settings that a gateway started here would have, for commands that do not start one.</summary>
    public static IConfiguration ReadSettings()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddStartingSettings();
        return builder.Configuration;
    }

    public static IReadOnlyList<ListenerAddress> FindListeners(IConfiguration settings) =>
        [.. settings.GetSection("Kestrel:Endpoints").GetChildren().Select(e => ListenerAddress.Parse(e["Url"])).OfType<ListenerAddress>()];

    /// <inheritdoc cref="RefusedStart.ReportAsync"/>
    public static Task<int> ReportAsync(Func<Task> run) => RefusedStart.ReportAsync(
        Subject, run, static error => (error as ConfigurationRefusedException)?.Message);

    /// <inheritdoc cref="RefusedStart.Describe"/>
    public static string? Describe(Exception error) => RefusedStart.Describe(Subject, error);
}
