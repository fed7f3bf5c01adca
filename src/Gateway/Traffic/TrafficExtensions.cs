namespace Gateway.Traffic;

internal static class TrafficExtensions
{
    public static IServiceCollection AddTraffic(this IServiceCollection services) =>
        services.AddSingleton<TrafficMinute>().AddHostedService<TrafficWorker>();
}
