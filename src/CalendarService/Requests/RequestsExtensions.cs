using ServiceDefaults.Logging;
using ServiceDefaults.Options;

namespace CalendarService.Requests;

internal static class RequestsExtensions
{
    /// <summary>127.0.0.1:8081, unless an address was given in any of the ways that ASP.NET Core knows.</summary>
    public static void AddDefaultAddress(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        string[] keys = ["urls", "http_ports", "https_ports"];
        builder.Services.AddSingleton(new SettingKeys(keys));
        if (Array.TrueForAll(keys, key => configuration[key] is null) && !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
            builder.AddDefaults(("Kestrel:Endpoints:Http:Url", "http://127.0.0.1:8081"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    }

    public static IServiceCollection AddRequests(this IServiceCollection services) => services
        .AddChecked<LimitsOptions>("Limits", (o, faults) =>
        {
            faults.Within("BodyBytes", o.BodyBytes, 1024, 1L << 30);
            faults.Within("SaveBodyBytes", o.SaveBodyBytes, 1024, 1L << 30);
            faults.Within("TextLength", o.TextLength, 1, 1_000_000);
            faults.Within("BriefLength", o.BriefLength, 1, 1_000_000);
            faults.Within("EntriesPerCalendar", o.EntriesPerCalendar, 1, 1_000_000);
        })
        .AddSingleton<IdempotencyStore>();
}
