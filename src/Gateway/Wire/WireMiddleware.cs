using Gateway.Exchanges;

namespace Gateway.Wire;

/// <summary>
/// Refuses what two parsers could read in two ways, before anything else reads it. What passes has one meaning, and a
/// backend gets it as it came.
/// </summary>
internal sealed class WireMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var fault = RequestHead.Check(context, out var hasUnderscore);
        LenientReading? reading = null;
        if (fault == WireFault.None)
            fault = RequestTarget.Check(RequestTarget.ReadRaw(context), out reading);
        if (fault != WireFault.None)
            return WireRefusal.AnswerAsync(context, fault);
        // To look in vain for what hardly any request has costs more than to be told that it is not there.
        var exchange = context.GetExchange();
        exchange.HasNoUnderscore = !hasUnderscore;
        if (reading is not null)
        {
            context.Features.Set(reading);
            exchange.HasLenientReading = true;
        }

        RequestHead.RemoveHopByHop(context.Request.Headers);
        return next(context);
    }
}
