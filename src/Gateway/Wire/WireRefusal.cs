using Gateway.Exchanges;
using ServiceDefaults.Problems;

namespace Gateway.Wire;

internal static class WireRefusal
{
    public const string AllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public static Task AnswerAsync(HttpContext context, WireFault fault)
    {
        var (status, code, detail) = fault switch
        {
            WireFault.RequestFraming =>
                (StatusCodes.Status400BadRequest, "request-framing", "The body's length is stated in a way that is not unambiguous."),
            WireFault.HeaderCharacter =>
                (StatusCodes.Status400BadRequest, "header-character", "A header contains a character that it cannot have."),
            WireFault.RequestTarget =>
                (StatusCodes.Status400BadRequest, "request-target", "The request's target is not a path that a URL can have."),
            WireFault.AmbiguousPath =>
                (StatusCodes.Status400BadRequest, "ambiguous-path", "The path can be read as more than one; write the one that is meant."),
            WireFault.AmbiguousRoute =>
                (StatusCodes.Status400BadRequest, "ambiguous-route", "The request is of more than one route; send each header once."),
            WireFault.MethodNotAllowed =>
                (StatusCodes.Status405MethodNotAllowed, "method-not-allowed", "The gateway does not carry this method."),
            WireFault.ExpectationFailed =>
                (StatusCodes.Status417ExpectationFailed, "expectation-failed", "Only 100-continue can be expected."),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
        };
        var exchange = context.GetExchange();
        exchange.ServedBy = Backend.GatewayId;
        exchange.Reason = RouteReason.Refused;
        exchange.ProxyStatus = ProxyStatus.RequestError;
        if (fault == WireFault.MethodNotAllowed)
            context.Response.Headers.Allow = AllowedMethods;
        // Whatever follows on this connection was written by somebody whose idea of a request's end is not ours.
        if (context.Request.Protocol is not ("HTTP/2" or "HTTP/3"))
            context.Response.Headers.Connection = "close";
        return Problem.For(context, status, code, detail).WriteAsync(context);
    }
}
