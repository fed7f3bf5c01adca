using System.Net;
using Gateway.Exchanges;
using Microsoft.AspNetCore.Connections;
using Polly;

namespace Gateway.Upstream;

/// <summary>
/// Sends through the cluster's circuit. It stands below the forwarder because only here a stream's headers and its body are
/// two events: a circuit that waited for the end of a stream would learn of a failure minutes late.
/// </summary>
/// <param name="answered">Told the time from a try to the head of its answer; nothing of a try that got none.</param>
internal sealed class CircuitHandler(Circuit circuit, Action<TimeSpan> answered, TimeProvider clock, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    private static readonly ResiliencePropertyKey<HttpContext?> ClientContext = new("client");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A probe has no exchange. It asks about a destination; counting it would open circuits without a single request.
        if (!request.Options.TryGetValue(Exchange.ContextKey, out var http))
            return await base.SendAsync(request, cancellationToken);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(ClientContext, http);
        try
        {
            return await circuit.Pipeline.ExecuteAsync<HttpResponseMessage, (CircuitHandler Self, HttpRequestMessage Request)>(
                static (resilience, state) => new(state.Self.SendOnceAsync(state.Request, resilience.CancellationToken)),
                context,
                (this, request));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Transport faults, timeouts, and 502/503/504, but not a refusal that promises nothing was done.</summary>
    public static bool IsFailure(ResilienceContext context, Outcome<HttpResponseMessage> outcome)
    {
        if (outcome.Result is { } response)
        {
            return response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                && !NotAccepted.IsPromisedBy(response);
        }

        var clientLeft = context.Properties.GetValue(ClientContext, null)?.RequestAborted.IsCancellationRequested == true;
        return !clientLeft && !IsClientsOwn(outcome.Exception)
            && outcome.Exception is (HttpRequestException or IOException or OperationCanceledException);
    }

    /// <summary>For the log line of an opening circuit; a backend's own words stay out of it.</summary>
    public static string DescribeFailure(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result: { } response } => $"status {(int)response.StatusCode}",
        { Exception: HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } error } => error.HttpRequestError.ToString(),
        { Exception: { } error } => error.GetType().Name,
        _ => "nothing",
    };

    /// <summary>What only Kestrel throws: the client's upload broke, and a stranger must not be able to open a circuit.</summary>
    private static bool IsClientsOwn(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is BadHttpRequestException or ConnectionResetException or ConnectionAbortedException)
                return true;
        }

        return false;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            answered(clock.GetElapsedTime(started));
            return response;
        }
        catch (OperationCanceledException timeout) when (
            !cancellationToken.IsCancellationRequested && timeout.InnerException is TimeoutException)
        {
            // Nobody cancelled: this is SocketsHttpHandler's connect timeout, and proof that nothing was sent.
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, "The connection attempt timed out.", new TimeoutException(timeout.Message, timeout));
        }
    }
}

/// <summary>The service's promise, by <c>503</c> and <c>X-Not-Accepted: true</c>, that it did nothing.</summary>
internal static class NotAccepted
{
    public const string Header = "X-Not-Accepted";

    public static bool IsPromisedBy(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.ServiceUnavailable
        && response.Headers.TryGetValues(Header, out var values)
        && values.Contains("true", StringComparer.OrdinalIgnoreCase);
}
