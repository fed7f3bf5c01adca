using Gateway.Listening;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Metrics;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Options;
using ServiceDefaults.Problems;
using ServiceDefaults.Tracing;

namespace Gateway.Admin;

/// <summary>The admin surface (docs/contract.md section 9): a routing world of its own that the public listener never enters.</summary>
internal static class AdminApi
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton<Explainer>().AddSingleton<StatusReport>();
        services.AddOpenApiDocument("The gateway's admin listener", AdminReferences.About);
        services.AddChecked<AdminOptions>("Admin", AdminOptions.Check).AddSingleton<AdminHosts>();
        services.AddHealthChecks().AddCheck<AcceptingWorkCheck>("accepting-work", tags: ["ready"]);
        return services;
    }

    public static IApplicationBuilder MapAdmin(this WebApplication app) =>
        app.MapWhen(AdminListener.Accepted, admin => admin
            .UseNoTraces()
            .Use(AdminHeaders.ApplyAsync)
            .UseMiddleware<AdminHostMiddleware>()
            .UseProblems()
            .UseRouting()
            .UseEndpoints(MapEndpoints));

    /// <summary>Everything here is read, mostly by machines and by the console's polls: no good answer is worth a log line.</summary>
    private static void MapEndpoints(IEndpointRouteBuilder listener)
    {
        var endpoints = listener.MapGroup("").AsProbe();
        endpoints.MapPrometheus().Documented(AdminReferences.Metrics);
        endpoints.MapOpenApiDocument();
        endpoints.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false }).Documented(AdminReferences.Live);
        endpoints.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") })
            .Documented(AdminReferences.Ready);
        endpoints.MapGet("/status", (StatusReport status) => TypedResults.Ok(status.Read())).Documented(AdminReferences.Status);
        endpoints.MapGet("/explain", ExplainAsync).Documented(AdminReferences.Explain);
        endpoints.MapRollout();
        endpoints.MapGet("/console", ConsolePage.Answer).Documented(AdminReferences.Console);
        listener.MapRolloutActions();
        endpoints.MapGet("/", () => TypedResults.LocalRedirect("~/console")).Documented(AdminReferences.Root);
    }

    private static async Task<IResult> ExplainAsync(
        HttpContext context, Explainer explainer, string? path, string method = "GET", string? user = null, string? groups = null,
        string? host = null, string[]? header = null)
    {
        var headers = (header ?? []).Select(Question.ParseHeader).ToArray();
        if (string.IsNullOrEmpty(path) || path[0] != '/')
            return Illegal(context, "path", "must start with /");
        if (!Question.IsMethod(method))
            return Illegal(context, "method", "must be an HTTP method");
        if (Array.Exists(headers, h => h is null))
            return Illegal(context, "header", "must be Name: value");
        return TypedResults.Ok(await explainer.ExplainAsync(
            new(method, path, user, groups, string.IsNullOrEmpty(host) ? null : host, [.. headers.Select(h => h!.Value)])));
    }

    private static JsonHttpResult<Problem> Illegal(HttpContext context, string parameter, string rule) => TypedResults.Json(
        Problem.For(context, StatusCodes.Status400BadRequest, "validation", $"{parameter} {rule}.") with
        {
            Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [parameter] = [rule] },
        },
        contentType: Problem.ContentType, statusCode: StatusCodes.Status400BadRequest);
}
