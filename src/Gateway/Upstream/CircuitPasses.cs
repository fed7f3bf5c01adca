using System.Net;
using System.Runtime.InteropServices;
using Gateway.Exchanges;
using Microsoft.AspNetCore.Connections;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

/// <summary>A try's right to be sent, by the destination's circuit and by its route's there, and what it tells them.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct CircuitPasses
{
    private readonly Circuit _reach;
    private readonly Circuit? _answers;
    private readonly CircuitPass _reachPass;
    private readonly CircuitPass _answersPass;

    private CircuitPasses(Circuit reach, Circuit? answers, CircuitPass reachPass, CircuitPass answersPass) =>
        (_reach, _answers, _reachPass, _answersPass) = (reach, answers, reachPass, answersPass);

    /// <exception cref="CircuitOpenException">One of the circuits is open, and the try is no last resort.</exception>
    public static CircuitPasses Enter(
        Circuits circuits, string clusterId, DestinationState destination, string routeId, UpstreamTry attempt)
    {
        var pair = circuits.Get(clusterId, destination, routeId);
        var (reach, answers) = (pair.Reach!, attempt.IsJudged ? pair.Answers : null);
        var answersPass = default(CircuitPass);
        if (!reach.TryEnter(out var reachPass) && !attempt.IsLastResort)
            throw new CircuitOpenException();
        if (answers?.TryEnter(out answersPass) == false && !attempt.IsLastResort)
        {
            reach.Leave(reachPass, Verdict.Nothing);
            throw new CircuitOpenException();
        }

        return new(reach, answers, reachPass, answersPass);
    }

    public void Judge(HttpResponseMessage response)
    {
        _reach.Leave(_reachPass, Verdict.Good);
        if (IsFailure(response))
            _answers?.Leave(_answersPass, Verdict.Bad, $"status {(int)response.StatusCode}");
        else
            _answers?.Leave(_answersPass, Verdict.Good);
    }

    /// <param name="error">Why there was no answer.</param>
    public void Fail(HttpRequestMessage request, HttpContext context, UpstreamTry attempt, Exception error)
    {
        request.Options.TryGetValue(EarlyAnswerHandler.UploadKey, out var upload);
        var isBackends = !context.RequestAborted.IsCancellationRequested && !IsClientsOwn(upload, error)
            && error is HttpRequestException or IOException or OperationCanceledException;
        var notSent = UpstreamFaults.IsProofOfNotSent(error);
        attempt.ClientFailed = upload is { ClientFailed: true };
        _reach.Leave(_reachPass, isBackends && notSent ? Verdict.Bad : Verdict.Nothing, DescribeFailure(error));
        _answers?.Leave(_answersPass, isBackends && !notSent ? Verdict.Bad : Verdict.Nothing, DescribeFailure(error));
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
}
