namespace CalendarService.Intents;

internal static class IntentsExtensions
{
    public static IServiceCollection AddIntents(this IServiceCollection services) => services.AddSingleton<IntentStore>();
}
