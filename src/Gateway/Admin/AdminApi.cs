using Gateway.Exchanges;
using Gateway.Listening;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Metrics;
using ServiceDefaults.Problems;
using ServiceDefaults.Tracing;

namespace Gateway.Admin;

/// <summary>The admin surface (docs/contract.md section 9): a routing world of its own that the public listener never enters.</summary>
internal static class AdminApi
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton<Explainer>().AddSingleton<StatusReport>();
        services.AddHealthChecks().AddCheck<AcceptingWorkCheck>("accepting-work", tags: ["ready"]);
        return services;
    }

    public static IApplicationBuilder MapAdmin(this WebApplication app) =>
        app.MapWhen(AdminListener.Accepted, admin => admin
            .UseNoTraces()
            .UseProblems()
            .UseRouting()
            .UseEndpoints(MapEndpoints));

    private static void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPrometheus();
        endpoints.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false }).AsProbe();
        endpoints.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).AsProbe();
        endpoints.MapGet("/status", (StatusReport status) => TypedResults.Ok(status.Read()));
        endpoints.MapGet("/explain", ExplainAsync);
        endpoints.MapGet("/console", () => TypedResults.Content(ConsolePage.Html, "text/html; charset=utf-8"));
        endpoints.MapGet("/", () => TypedResults.LocalRedirect("~/console"));
    }

    private static async Task<IResult> ExplainAsync(
        HttpContext context, Explainer explainer, string? path, string method = "GET", string? user = null, string? groups = null)
    {
        if (string.IsNullOrEmpty(path) || path[0] != '/')
        {
            return TypedResults.Json(
                Problem.For(context, StatusCodes.Status400BadRequest, "validation", "path is required and starts with /.") with
                {
                    Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["path"] = ["must start with /"] },
                },
                contentType: Problem.ContentType, statusCode: StatusCodes.Status400BadRequest);
        }

        return TypedResults.Ok(await explainer.ExplainAsync(method, path, new Caller(user, Caller.ParseGroups(groups))));
    }
}
