using System.Globalization;
using CalendarService.Requests;
using ServiceDefaults.Endpoints;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Options;

namespace CalendarService.Admin;

/// <summary>What operators ask, behind <c>Admin:Key</c>.</summary>
internal static class AdminApi
{
    private const int UsualLimit = 100;
    private const int HighestLimit = 1000;

    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddChecked<AdminOptions>("Admin", AdminOptions.Check)
        .AddSingleton<AdminKeyFilter>()
        .AddSingleton<RollbackReader>();

    public static void MapAdmin(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/admin/rollback-report", ReportAsync).WithName("rollback-report")
            .AddEndpointFilter(endpoints.ServiceProvider.GetRequiredService<AdminKeyFilter>())
            .Documented(AdminReferences.RollbackReport);

    private static async Task<IResult> ReportAsync(RollbackReader reader, HttpContext context) =>
        TypedResults.Ok(await reader.ReadAsync(ReadLimit(context.Request.Query), context.RequestAborted));

    private static int ReadLimit(IQueryCollection query)
    {
        if (!query.TryGetValue("limit", out var given))
            return UsualLimit;
        return int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= HighestLimit
            ? limit : throw RefusedException.Invalid("limit", $"must be a whole number from 1 to {HighestLimit}");
    }
}
