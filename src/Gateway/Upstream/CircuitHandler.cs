using System.Net;
using Gateway.Exchanges;
using Microsoft.AspNetCore.Connections;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

/// <summary>
/// Sends through the circuits of the destination. It stands below the forwarder because only here a stream's headers and its body are
/// two events: a circuit that waited for the end of a stream would learn of a failure minutes late.
/// </summary>
/// <param name="answered">Told the time from a try to the head of its answer; nothing of a try that got none.</param>
internal sealed class CircuitHandler(Circuits circuits, Action<TimeSpan> answered, TimeProvider clock, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        // A probe has no exchange. It asks about a destination; counting it would open circuits without a single request.
        request.Options.TryGetValue(Exchange.ContextKey, out var http)
        && http.GetReverseProxyFeature() is { ProxiedDestination: { } destination, Cluster.Config.ClusterId: var clusterId }
            ? SendAsync(request, http, clusterId, destination, cancellationToken)
            : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpContext http, string clusterId, DestinationState destination, CancellationToken cancellationToken)
    {
        var exchange = http.GetExchange();
        var reach = circuits.GetCircuit(clusterId, destination);
        var answers = exchange.Try.IsJudged ? circuits.GetCircuit(clusterId, destination, exchange.RouteId) : null;
        var (reachPass, answersPass) = Enter(reach, answers, exchange.Try.IsLastResort);
        var started = clock.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            answered(clock.GetElapsedTime(started));
            reach.Leave(reachPass, Verdict.Good);
            if (IsFailure(response))
                answers?.Leave(answersPass, Verdict.Bad, $"status {(int)response.StatusCode}");
            else
                answers?.Leave(answersPass, Verdict.Good);
            return response;
        }
        catch (Exception failure)
        {
            var error = AsNotSentIfConnectingTookTooLong(failure, cancellationToken);
            request.Options.TryGetValue(EarlyAnswerHandler.UploadKey, out var upload);
            var isBackends = !http.RequestAborted.IsCancellationRequested && !IsClientsOwn(upload, error)
                && error is HttpRequestException or IOException or OperationCanceledException;
            var notSent = UpstreamFaults.IsProofOfNotSent(error);
            exchange.Try = exchange.Try with { ClientFailed = upload is { ClientFailed: true } };
            reach.Leave(reachPass, isBackends && notSent ? Verdict.Bad : Verdict.Nothing, DescribeFailure(error));
            answers?.Leave(answersPass, isBackends && !notSent ? Verdict.Bad : Verdict.Nothing, DescribeFailure(error));
            if (error != failure)
                throw error;
            throw;
        }
    }

    private static (CircuitPass Reach, CircuitPass Answers) Enter(Circuit reach, Circuit? answers, bool isLastResort)
    {
        var (reachPass, answersPass) = (default(CircuitPass), default(CircuitPass));
        if (!reach.TryEnter(out reachPass) && !isLastResort)
            throw new CircuitOpenException();
        if (answers?.TryEnter(out answersPass) == false && !isLastResort)
        {
            reach.Leave(reachPass, Verdict.Nothing);
            throw new CircuitOpenException();
        }

        return (reachPass, answersPass);
    }

    /// <summary>502/503/504, but not a refusal that promises nothing was done.</summary>
    private static bool IsFailure(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
        && !NotAccepted.IsPromisedBy(response);

    /// <summary>For the log line of an opening circuit; a backend's own words stay out of it.</summary>
    private static string DescribeFailure(Exception error) =>
        error is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var known }
            ? known.ToString() : error.GetType().Name;

    /// <summary>
    /// What only Kestrel throws: the client's upload broke. Or it came to a halt until the forwarder lost its patience. A stranger must not
    /// be able to open a circuit.
    /// </summary>
    private static bool IsClientsOwn(Upload? upload, Exception? error)
    {
        if (upload is { ClientFailed: true })
            return true;
        for (; error is not null; error = error.InnerException)
        {
            if (error is BadHttpRequestException or ConnectionResetException or ConnectionAbortedException)
                return true;
        }

        return false;
    }

    /// <summary>Nobody cancelled: this is SocketsHttpHandler's connect timeout, and proof that nothing was sent.</summary>
    private static Exception AsNotSentIfConnectingTookTooLong(Exception error, CancellationToken cancellationToken) =>
        error is OperationCanceledException { InnerException: TimeoutException } timeout && !cancellationToken.IsCancellationRequested
            ? new HttpRequestException(
                HttpRequestError.ConnectionError, "The connection attempt timed out.", new TimeoutException(timeout.Message, timeout))
            : error;
}
