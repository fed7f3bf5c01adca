using Microsoft.AspNetCore.Builder;

namespace ServiceDefaults.Completion;

public static class CompletionExtensions
{
    /// <summary>Outermost: the request's id and log fields, the answer to what escapes, and the one completion line.</summary>
    public static IApplicationBuilder UseRequestCompletion(this IApplicationBuilder app) =>
        app.UseMiddleware<RequestCompletionMiddleware>();
}
