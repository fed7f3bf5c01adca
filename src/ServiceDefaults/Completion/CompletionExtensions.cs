using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Logging;

namespace ServiceDefaults.Completion;

public static class CompletionExtensions
{
    /// <summary>
    /// The line's words; also for who refuses a request before any middleware sees it, so that its line has the same keys.
    /// </summary>
    public const string Template =
        "{Method} {Path} {HttpStatus} by {Backend} in {DurationMs} ms (status {Status}, route {Route}, reason {Reason}, outcome {Outcome})";

    /// <summary>Outermost: the request's id and log fields, the one completion line, and the answer to an exception that escapes.</summary>
    public static IApplicationBuilder UseRequestCompletion(this IApplicationBuilder app) => app.UseMiddleware<CompletionMiddleware>(
        ActivatorUtilities.CreateInstance<CompletionLog>(app.ApplicationServices),
        ActivatorUtilities.CreateInstance<EscapedExceptions>(app.ApplicationServices));
}
