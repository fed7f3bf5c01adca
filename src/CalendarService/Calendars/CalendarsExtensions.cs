using ServiceDefaults.Options;

namespace CalendarService.Calendars;

internal static class CalendarsExtensions
{
    public static IServiceCollection AddCalendars(this IServiceCollection services) => services
        .AddChecked<KnownCalendarsOptions>("Spool", (o, faults) => faults.Within("KnownEntries", o.KnownEntries, 0, 10_000_000))
        .AddSingleton<CalendarStore>()
        .AddSingleton<KnownCalendars>()
        .AddSingleton<EntryRules>()
        .AddSingleton<EntryForm>()
        .AddSingleton<CalendarEditor>()
        .AddSingleton<CalendarMerger>();
}
