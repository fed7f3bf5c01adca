namespace Gateway.Accounting;

internal static class AccountingExtensions
{
    public static IServiceCollection AddAccounting(this IServiceCollection services) => services.AddSingleton<KnownSeries>();

    public static IApplicationBuilder UseAccounting(this IApplicationBuilder app) => app.UseMiddleware<ExchangeMiddleware>();
}
