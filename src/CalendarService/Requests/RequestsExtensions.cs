using CalendarService.Configuration;
using ServiceDefaults.Logging;

namespace CalendarService.Requests;

internal static class RequestsExtensions
{
    /// <summary>127.0.0.1:8081, unless an address was given in any of the ways that ASP.NET Core knows.</summary>
    public static void AddDefaultAddress(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var given = configuration["urls"] ?? configuration["http_ports"] ?? configuration["https_ports"];
        if (given is null && !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
            builder.AddDefaults(("Kestrel:Endpoints:Http:Url", "http://127.0.0.1:8081"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    }

    public static void AddRequests(this WebApplicationBuilder builder, OptionsReader reader)
    {
        var limits = reader.Read<LimitsOptions>("Limits");
        reader.Range("Limits:BodyBytes", limits.BodyBytes, 1024, 1L << 30);
        reader.Range("Limits:SaveBodyBytes", limits.SaveBodyBytes, 1024, 1L << 30);
        reader.Range("Limits:TextLength", limits.TextLength, 1, 1_000_000);
        reader.Range("Limits:BriefLength", limits.BriefLength, 1, 1_000_000);
        reader.Range("Limits:EntriesPerCalendar", limits.EntriesPerCalendar, 1, 1_000_000);
        builder.Services.AddSingleton(limits);
    }
}
