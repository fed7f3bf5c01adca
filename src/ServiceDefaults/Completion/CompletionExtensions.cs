using Microsoft.AspNetCore.Builder;
using Serilog;

namespace ServiceDefaults.Completion;

public static class CompletionExtensions
{
    /// <summary>Outermost: the request's id and log fields, the one completion line, and the answer to an exception that escapes.</summary>
    public static IApplicationBuilder UseRequestCompletion(this IApplicationBuilder app) => app
        .UseMiddleware<RequestFieldsMiddleware>()
        .UseSerilogRequestLogging(options => CompletionLine.Configure(options, app.ApplicationServices))
        .UseMiddleware<EscapedExceptionMiddleware>(); // Inside the line, which would say 500 and "exception" of what is answered here.
}
