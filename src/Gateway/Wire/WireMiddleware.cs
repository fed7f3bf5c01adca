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
        var fault = RequestHead.Check(context);
        LenientReading? reading = null;
        if (fault == WireFault.None)
            fault = RequestTarget.Check(RequestTarget.ReadRaw(context), out reading);
        if (fault != WireFault.None)
            return WireRefusal.AnswerAsync(context, fault);
        if (reading is not null)
        {
            context.Features.Set(reading);
            context.GetExchange().HasLenientReading = true; // To look in vain for what hardly any request has costs more than to read this.
        }

        RequestHead.RemoveHopByHop(context.Request.Headers);
        return next(context);
    }
}
