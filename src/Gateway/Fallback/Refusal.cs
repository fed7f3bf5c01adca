using Gateway.Exchanges;
using ServiceDefaults.Problems;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Fallback;

/// <summary>The gateway's own answers when no backend's can be given.</summary>
internal static class Refusal
{
    private const string RetryAfterSeconds = "2";

    /// <summary>The chain's end with nothing available.</summary>
    public static Task NobodyAvailableAsync(HttpContext context, Exchange exchange)
    {
        TakeOver(context, exchange);
        exchange.ProxyStatus ??= ProxyStatus.DestinationUnavailable;
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problem.For(
            context, StatusCodes.Status503ServiceUnavailable, "no-backend-available",
            "No backend can answer this request now. Nothing was done; try again.").WriteAsync(context);
    }

    /// <summary>The request was sent, no answer came, and sending it again could do it twice.</summary>
    public static Task AfterSendingAsync(
        HttpContext context, Exchange exchange, AttemptResult result, bool streamRefused)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        return result switch
        {
            AttemptResult.BadRequest => UnreadableBodyAsync(context, exchange),
            AttemptResult.Overloaded => OverloadedAsync(context, exchange, streamRefused),
            AttemptResult.NotSent or AttemptResult.CircuitOpen => NobodyAvailableAsync(context, exchange),
            AttemptResult.Failed or AttemptResult.Refused => OutcomeUnknownAsync(context, exchange),
            AttemptResult.NotFound => NowhereFoundAsync(context, exchange),
            AttemptResult.Answered or AttemptResult.ClientLeft or _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
        };
    }

    private static Task UnreadableBodyAsync(HttpContext context, Exchange exchange)
    {
        var fault = context.GetForwarderErrorFeature();
        // Kestrel's own verdict on the body, when it has one: 413 over the limit, 408 too slow, 400 malformed. The forwarder's for a body
        // that came to a halt.
        var status = FindVerdict(fault?.Exception) is { } verdict ? verdict.StatusCode
            : fault?.Error == ForwarderError.RequestTimedOut || context.Response.StatusCode == StatusCodes.Status408RequestTimeout
                ? StatusCodes.Status408RequestTimeout : StatusCodes.Status400BadRequest;
        TakeOver(context, exchange);
        exchange.Reason = RouteReason.Refused;
        exchange.ProxyStatus = ProxyStatus.RequestError;
        return Problem.For(context, status, "request-body", "The request's body could not be read to its end.").WriteAsync(context);
    }

    /// <summary>Beside what became of the request for want of its body, which may come first.</summary>
    private static BadHttpRequestException? FindVerdict(Exception? error) => error switch
    {
        null or BadHttpRequestException => error as BadHttpRequestException,
        AggregateException several => several.InnerExceptions.Select(FindVerdict).FirstOrDefault(static verdict => verdict is not null),
        _ => FindVerdict(error.InnerException),
    };

    private static Task OutcomeUnknownAsync(HttpContext context, Exchange exchange)
    {
        var timedOut = context.GetForwarderErrorFeature()?.Error == ForwarderError.RequestTimedOut
            || exchange.ProxyStatus == ProxyStatus.Received(StatusCodes.Status504GatewayTimeout);
        TakeOver(context, exchange);
        exchange.Reason = RouteReason.Failed;
        return Problem.For(
            context, timedOut ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway, "outcome-unknown",
            HowToLookUp(context, exchange)).WriteAsync(context);
    }

    /// <summary>The first said 404 in too many words to keep them, and nobody after it has what was asked for.</summary>
    public static Task NowhereFoundAsync(HttpContext context, Exchange exchange)
    {
        TakeOver(context, exchange);
        exchange.Reason = RouteReason.NotFound;
        return Problem.For(
            context, StatusCodes.Status404NotFound, "not-found",
            "The backend that was asked first does not have it, and no other gave it.").WriteAsync(context);
    }

    /// <summary>More is being asked than can be done at once.</summary>
    /// <param name="streamRefused">The backend had begun a stream.</param>
    public static Task OverloadedAsync(HttpContext context, Exchange exchange, bool streamRefused = false)
    {
        TakeOver(context, exchange);
        exchange.Reason = RouteReason.Refused;
        exchange.ProxyStatus = ProxyStatus.LimitReached;
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        var detail = streamRefused
            ? "Too many streams are open. The one that the backend had begun was closed before anything of it was passed on; try again."
            : "Too many requests are in flight. Nothing was done; try again.";
        return Problem.For(context, StatusCodes.Status503ServiceUnavailable, "overloaded", detail).WriteAsync(context);
    }

    /// <summary>
    /// The request has been here before. 508 and not the 502 of RFC 9209: a 502 would send it to the next link, and hide the mistake.
    /// </summary>
    public static Task LoopAsync(HttpContext context, Exchange exchange)
    {
        exchange.Reason = RouteReason.Refused;
        exchange.ProxyStatus = ProxyStatus.LoopDetected;
        return Problem.For(
            context, StatusCodes.Status508LoopDetected, "loop-detected",
            "This gateway is its own backend: a destination's address leads back to it.").WriteAsync(context);
    }

    public static Task NotFoundAsync(HttpContext context) =>
        Problem.For(context, StatusCodes.Status404NotFound, "no-route", "No route of this gateway matches the request.")
            .WriteAsync(context);

    private static string HowToLookUp(HttpContext context, Exchange exchange)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            return "The backend did not answer. Nothing was changed; try again.";
        const string Unknown =
            "The request reached the backend and no answer came back: whether it was carried out is unknown, and it was not sent again. ";
        return Unknown + (exchange.Route?.DryRun == DryRunKind.Publish
            ? "Look it up with GET /api/publish/intents?calendarId=…, or repeat it with the same Idempotency-Key."
            : "Load the resource to see its present state before trying again.");
    }

    /// <summary>From here on the gateway is the one who answers; what a backend began to say is gone.</summary>
    private static void TakeOver(HttpContext context, Exchange exchange)
    {
        context.Response.Clear();
        exchange.ServedBy = Backend.GatewayId;
    }
}
