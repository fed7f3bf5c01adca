namespace Gateway.Cors;

internal static class CorsExtensions
{
    public static IServiceCollection AddRouteCors(this IServiceCollection services) => services.AddCors();

    /// <summary>Outside everything that may answer.</summary>
    public static IApplicationBuilder UseCorsHeaders(this IApplicationBuilder app) => app.UseMiddleware<CorsHeadersMiddleware>();

    /// <summary>Once the route is known, before anybody decides.</summary>
    public static IApplicationBuilder UsePreflights(this IApplicationBuilder proxy) => proxy.UseMiddleware<PreflightMiddleware>();
}
