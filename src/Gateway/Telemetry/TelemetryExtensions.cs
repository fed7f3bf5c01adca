namespace Gateway.Telemetry;

internal static class TelemetryExtensions
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services) => services
        .AddSingleton<GatewayMetrics>().AddSingleton<KnownSeries>().AddSingleton<BackendGauges>().AddSingleton<ConfigGauges>();

    /// <summary>Every series exists from the first scrape, also on a gateway that nobody has asked anything.</summary>
    public static void StartTelemetry(this IServiceProvider services)
    {
        services.GetRequiredService<KnownSeries>().Register();
        services.GetRequiredService<BackendGauges>().Register();
        services.GetRequiredService<ConfigGauges>().Register();
    }
}
