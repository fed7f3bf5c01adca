using Microsoft.AspNetCore.Builder;

namespace ServiceDefaults.Problems;

public static class ProblemsExtensions
{
    /// <summary>Gives answers that the framework left empty (404, 405, 415 …) a problem+json body.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) =>
        app.UseStatusCodePages(pages => Problem.For(pages.HttpContext, pages.HttpContext.Response.StatusCode)
            .WriteAsync(pages.HttpContext));
}
