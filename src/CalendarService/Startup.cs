using ServiceDefaults.Starting;

namespace CalendarService;

internal static class Startup
{
    /// <inheritdoc cref="RefusedStart.ReportAsync"/>
    public static Task<int> ReportAsync(Func<Task> run) => RefusedStart.ReportAsync("The calendar service", run);
}
