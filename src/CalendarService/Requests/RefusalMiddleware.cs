using System.Globalization;
using CalendarService.Storage;
using ServiceDefaults.Correlation;
using ServiceDefaults.Problems;

namespace CalendarService.Requests;

/// <summary>Every answer that is not a success is problem+json with a code, and the completion line knows the code.</summary>
internal sealed class RefusalMiddleware(RequestDelegate next, StoreOptions store)
{
    /// <summary>The promise to the gateway that nothing was done, so that it may ask somebody else.</summary>
    public const string NotAccepted = "X-Not-Accepted";

    /// <summary>The word to the gateway that a 404 is about what another user has: it asks nobody else. No client sees it.</summary>
    public const string NotElsewhere = "X-Not-Elsewhere";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                await WriteAsync(context, Problem.For(context, context.Response.StatusCode));
        }
        catch (RefusedException refused) when (!context.Response.HasStarted)
        {
            foreach (var (name, value) in refused.Headers)
                context.Response.Headers[name] = value;
            var problem = Problem.For(context, refused.Status, refused.Code, refused.Message);
            await WriteAsync(context, problem with { Errors = refused.Errors, Extensions = refused.Members });
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            var code = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "payload-too-large" : null;
            await WriteAsync(context, Problem.For(context, bad.StatusCode, code, bad.Message));
        }
        catch (StoreUnavailableException away) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, StoreAway(context, away.NothingWritten));
        }
    }

    private Problem StoreAway(HttpContext context, bool nothingWritten)
    {
        var headers = context.Response.Headers;
        headers.RetryAfter = Math.Ceiling(store.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (nothingWritten)
            headers[NotAccepted] = "true";
        return nothingWritten
            ? Problem.For(context, StatusCodes.Status503ServiceUnavailable, "store-unavailable",
                "The calendar database is away, or cannot do this now. Nothing was done; try again.")
            : Problem.For(context, StatusCodes.Status503ServiceUnavailable, "outcome-unknown",
                "The calendar database went away while it was saving. Load again to see whether it did.");
    }

    private static Task WriteAsync(HttpContext context, Problem problem)
    {
        if (context.Features.Get<RequestFields>() is { } fields)
            fields.Reason = problem.Code;
        return problem.WriteAsync(context);
    }
}
