using Gateway.Exchanges;
using Gateway.Streams;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

/// <summary>
/// A try below the forwarder, from its head to the head of its answer. It stands here because only here a stream's head and its body are
/// two events: a circuit that waited for the end of a stream would learn of a failure minutes late.
/// </summary>
/// <param name="answered">Told the time from a try to the head of its answer; nothing of a try that got none.</param>
internal sealed class ExchangeHandler(
    HttpMessageHandler inner, StreamGuard streams, Upgrades upgrades, Circuits circuits, Action<TimeSpan> answered, TimeProvider clock)
    : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        // A probe has no exchange. It asks about a destination; counting it would open circuits without a single request.
        request.Options.TryGetValue(Exchange.ContextKey, out var context)
        && context.GetExchange() is { Try: { Proxy.ProxiedDestination: { } destination } attempt } exchange
            ? SendAsync(request, context, exchange, attempt, destination, cancellationToken)
            : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpContext context, Exchange exchange, UpstreamTry attempt, DestinationState destination,
        CancellationToken cancellationToken)
    {
        // 1. A guarded stream has to be readable here.
        StreamGuard.Prepare(request, context.Request, exchange);

        // 2. What keeps failing is left alone.
        var passes = CircuitPasses.Enter(circuits, attempt.Proxy.Cluster.Config.ClusterId, destination, exchange.RouteId, attempt);

        // 3. A head is not waited for without end. The forwarder calls a cancellation that it did not ask for a timeout, and so it is.
        var untilHead = attempt.Patience?.Begin(clock, uploads: request.Content is not null, cancellationToken) ?? cancellationToken;

        // 4. Sent, and judged by the head of the answer.
        var started = clock.GetTimestamp();
        HttpResponseMessage? response = null;
        try
        {
            while (response is null)
            {
                try
                {
                    response = await base.SendAsync(request, untilHead);
                }
                catch (HttpRequestException taken) when (taken.InnerException is ConnectionTakenException)
                {
                    // Nothing was sent on that connection, and the client dropped it: another one.
                }
            }
        }
        catch (Exception failure)
        {
            var error = UpstreamFaults.AsNotSentIfConnectingTookTooLong(failure, untilHead);
            passes.Fail(request, context, attempt, error);
            if (error != failure)
                throw error;
            throw;
        }
        finally
        {
            attempt.Patience?.End();
        }

        answered(clock.GetElapsedTime(started));
        passes.Judge(response);

        // 5. What stays open. A failure may yet be withheld for another backend's answer; a stream that has no room is refused there too.
        if (Upgrades.IsOne(request, response))
            await upgrades.TakeAsync(request, response, context, cancellationToken);
        if (StreamGuard.IsEventStream(request, response))
            await streams.TakeAsync(context, response, started, cancellationToken);
        return response;
    }
}
