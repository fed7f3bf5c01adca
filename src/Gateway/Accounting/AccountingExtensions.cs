namespace Gateway.Accounting;

internal static class AccountingExtensions
{
    public static IApplicationBuilder UseAccounting(this IApplicationBuilder app) => app.UseMiddleware<ExchangeMiddleware>();
}
