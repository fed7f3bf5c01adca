using CalendarService.Configuration;
using CalendarService.Generation.Writers;

namespace CalendarService.Generation;

internal static class GenerationExtensions
{
    public static WebApplicationBuilder AddGeneration(this WebApplicationBuilder builder, OptionsReader reader)
    {
        var options = reader.Read<GenerationOptions>("Generation");
        var (shortest, longest) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        reader.Range("Generation:FirstItemTimeout", options.FirstItemTimeout, shortest, longest);
        reader.Range("Generation:ItemTimeout", options.ItemTimeout, shortest, longest);
        reader.Range("Generation:TotalTimeout", options.TotalTimeout, shortest, longest);
        reader.Range("Generation:AbandonAfter", options.AbandonAfter, shortest, longest);
        reader.Range("Generation:Lease", options.Lease, TimeSpan.FromMilliseconds(300), longest);
        reader.Range("Generation:MaxConcurrentRuns", options.MaxConcurrentRuns, 1, 100_000);
        reader.Range("Generation:MaxUnsavedRuns", options.MaxUnsavedRuns, 0, 100_000);
        reader.Range("Generation:StopPatience", options.StopPatience, TimeSpan.Zero, TimeSpan.FromMinutes(5));

        var stream = reader.Read<StreamOptions>("Stream");
        reader.Range("Stream:KeepAlive", stream.KeepAlive, shortest, TimeSpan.FromMinutes(5));
        reader.Range("Stream:PollInterval", stream.PollInterval, shortest, TimeSpan.FromSeconds(10));

        builder.Services
            .AddSingleton(options)
            .AddSingleton(stream)
            .AddSingleton<RunStore>()
            .AddSingleton<LiveRuns>()
            .AddSingleton<RunAcceptance>()
            .AddSingleton<RunCatchUp>()
            .AddSingleton<UnsavedRuns>()
            .AddSingleton<RunKeeper>()
            .AddHostedService(services => services.GetRequiredService<UnsavedRuns>()) // Stops after the runs, which come next.
            .AddHostedService(services => services.GetRequiredService<LiveRuns>())
            .AddHostedService<RunSweeper>()
            .AddSingleton<RunWorker>()
            .AddSingleton<RunStarter>()
            .AddSingleton<RunStream>()
            .AddSingleton<GenerateForm>()
            .AddWriters(builder.Configuration);
        return builder;
    }
}
