using CalendarService.Channels;
using CalendarService.Intents;
using CalendarService.Runs;
using CalendarService.Publishing.Spool;
using CalendarService.Storage;
using CalendarService.Telemetry;

namespace CalendarService;

/// <summary>Puts every series that can occur on the page before anything happens. Its words are those of the features.</summary>
internal static class KnownSeries
{
    public static void DeclareKnownSeries(this IServiceProvider services)
    {
        var metrics = services.GetRequiredService<CalendarMetrics>();
        foreach (var status in Enum.GetValues<RunStatus>().Where(status => status != RunStatus.Running))
            metrics.DeclareRuns(status.ToLabel());
        foreach (var channel in services.GetRequiredService<ChannelRegistry>().Known)
        {
            foreach (var status in IntentStatus.All)
                metrics.DeclareIntents(channel, status);
            foreach (var reason in Enum.GetValues<ChannelAuthProblem>())
                metrics.DeclareAuthFailures(channel, reason.ToLabel());
        }

        services.GetRequiredService<SpoolMetrics>().Register();
        services.GetRequiredService<DataFolderWatch>().Register();
        services.GetRequiredService<StoreGauge>().Register();
    }
}
