using Gateway.Decisions;
using Gateway.Exchanges;
using Gateway.Overload;
using Gateway.Upstream;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Fallback;

/// <summary>What one try at one backend came to.</summary>
internal enum AttemptResult
{
    /// <summary>The backend's answer is on its way to the client, or ended there.</summary>
    Answered,

    /// <summary>The client went away; nobody is to blame.</summary>
    ClientLeft,

    /// <summary>Proof that the backend never saw the request.</summary>
    NotSent,

    /// <summary>The circuit opened between the decision and the try.</summary>
    CircuitOpen,

    /// <summary>The backend promised that it did nothing.</summary>
    Refused,

    /// <summary>It was sent, and what the backend did is unknown.</summary>
    Failed,

    /// <summary>The backend does not have it, and somebody else may.</summary>
    NotFound,

    /// <summary>The client's own body was at fault.</summary>
    BadRequest,

    /// <summary>The backend has as much to do as it may have. Sending the rest to the next link would only overload that one.</summary>
    Overloaded,
}

/// <summary>What follows from a try.</summary>
internal enum Consequence
{
    /// <summary>The request is over.</summary>
    Done,

    /// <summary>The next link of the chain is asked, whatever the method: nothing was done.</summary>
    NextLink,

    /// <summary>
    /// The next link is asked if doing it twice harms nobody and the budget has room for a replay; else the gateway refuses.
    /// </summary>
    NextLinkIfRepeatable,

    /// <summary>The gateway itself answers, with an error.</summary>
    Refuse,
}

internal static class AttemptResults
{
    /// <summary>The one table of what each result leads to (docs/contract.md section 4).</summary>
    public static Consequence GetConsequence(this AttemptResult result) => result switch
    {
        AttemptResult.Answered or AttemptResult.ClientLeft => Consequence.Done,
        AttemptResult.NotSent or AttemptResult.CircuitOpen or AttemptResult.Refused or AttemptResult.NotFound => Consequence.NextLink,
        AttemptResult.Failed => Consequence.NextLinkIfRepeatable,
        AttemptResult.BadRequest or AttemptResult.Overloaded => Consequence.Refuse,
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };

    /// <summary>The word that header, log line and metric give for passing the link over.</summary>
    public static RouteReason GetReason(this AttemptResult result) => result switch
    {
        AttemptResult.NotSent => RouteReason.NotSent,
        AttemptResult.CircuitOpen => RouteReason.CircuitOpen,
        AttemptResult.Refused or AttemptResult.BadRequest or AttemptResult.Overloaded => RouteReason.Refused,
        AttemptResult.NotFound => RouteReason.NotFound,
        AttemptResult.Failed or AttemptResult.Answered or AttemptResult.ClientLeft => RouteReason.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };
}

/// <summary>
/// One try at one backend. It looks at the answer's head before the client does, because only then can another backend
/// still answer instead.
/// </summary>
/// <param name="body">The request's, where a second backend could read it.</param>
internal sealed class Attempt(
    HttpContext context, Exchange exchange, Decision decision, Router router, ReplayBody? body, ReplayBudget budget, RequestPermits permits)
    : UpstreamTry
{
    private int? _withheld;
    private bool _notAccepted;
    private int? _passedStatus;

    /// <summary>The forwarder's, once the try is over; null when it had none.</summary>
    public IForwarderErrorFeature? Fault { get; private set; }

    /// <summary>Answered by the backend and kept from the client.</summary>
    public int? WithheldStatus => _withheld;

    /// <summary>
    /// The answer came and the rest of the request's body was not wanted any more, which the forwarder reports as a fault of the body.
    /// </summary>
    public bool IsEarlyAnswer => _passedStatus == context.Response.StatusCode
        && Fault is
        {
            Error: ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyDestination or ForwarderError.RequestBodyClient,
        };

    /// <summary>The answer's head is here: pass it on, or withhold it for a better one.</summary>
    public ValueTask OnResponseAsync(ResponseTransformContext transform)
    {
        var response = transform.ProxyResponse!;
        if (permits.StreamRefused)
        {
            transform.SuppressResponseBody = true;
            return default;
        }

        _passedStatus = (int)response.StatusCode;
        if (_passedStatus == StatusCodes.Status404NotFound)
            return OnNotFoundAsync(transform, response);
        if (_passedStatus is not (502 or 503 or 504))
            return default;
        _notAccepted = NotAccepted.IsPromisedBy(response);
        if (IsLast ? IsSecondQuestion : ShouldWithhold())
            Withhold(transform);
        return default;
    }

    /// <summary>Of a GET or HEAD somebody else may have what this one does not, unless it is another user's.</summary>
    private async ValueTask OnNotFoundAsync(ResponseTransformContext transform, HttpResponseMessage response)
    {
        var isElsewhere = !NotElsewhere.IsSaidBy(response);
        context.Response.Headers.Remove(NotElsewhere.Header);
        if (!isElsewhere || !decision.Route.AsksOnWhenNotFound || !MayReplay
            || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            return;
        if (!IsSecondQuestion)
        {
            if (!HeldNotFound.MayAsk(router.DecideAfter(decision, exchange.Caller, RouteReason.NotFound)))
                return;
            await HeldNotFound.HoldAsync(context, exchange, response);
        }

        Withhold(transform);
    }

    private void Withhold(ResponseTransformContext transform)
    {
        (_withheld, _passedStatus) = (_passedStatus, null);
        transform.SuppressResponseBody = true;
    }

    public override bool TryBecomeStream() => permits.TryBecomeStream();

    public AttemptResult Read()
    {
        Fault = context.GetForwarderErrorFeature();
        if (permits.StreamRefused)
            return AttemptResult.Overloaded;
        if (_withheld == StatusCodes.Status404NotFound)
            return AttemptResult.NotFound;
        if (_withheld is not null)
            return _notAccepted ? AttemptResult.Refused : AttemptResult.Failed;
        if (Fault is not { } error || context.Response.HasStarted || IsEarlyAnswer)
            return AttemptResult.Answered;
        return error.Error switch
        {
            _ when context.RequestAborted.IsCancellationRequested => AttemptResult.ClientLeft,
            ForwarderError.RequestCanceled => AttemptResult.ClientLeft,
            ForwarderError.NoAvailableDestinations => AttemptResult.NotSent,
            ForwarderError.RequestBodyClient => AttemptResult.BadRequest,
            ForwarderError.RequestTimedOut when ClientFailed => AttemptResult.BadRequest,
            _ when error.Exception is CircuitOpenException => AttemptResult.CircuitOpen,
            _ when UpstreamFaults.IsProofOfNotSent(error.Exception) => AttemptResult.NotSent,
            _ => AttemptResult.Failed,
        };
    }

    public string DescribeFailure(AttemptResult result) => result switch
    {
        _ when _withheld is { } status => ProxyStatus.Received(status),
        AttemptResult.CircuitOpen => ProxyStatus.DestinationUnavailable,
        _ => Fault switch
        {
            { Error: ForwarderError.NoAvailableDestinations } => ProxyStatus.DestinationUnavailable,
            { Error: ForwarderError.RequestTimedOut } => ProxyStatus.ResponseTimeout,
            { } error => ProxyStatus.FromError(error.Exception),
            null => ProxyStatus.ProxyInternalResponse,
        },
    };

    /// <summary>Somebody before this one has answered 404, and there is that to give if this one has nothing better.</summary>
    private bool IsSecondQuestion => HeldNotFound.Find(context, decision.Route) is not null;

    private bool IsLast => decision.Index == decision.Route.Chain.Count - 1;

    /// <summary>
    /// A refusal or a replayable failure is withheld when somebody else can answer. A failure that must not be replayed is
    /// withheld too: a bare 503 would read as "try again", and the outcome is unknown. The last of a chain speaks for itself.
    /// </summary>
    private bool ShouldWithhold()
    {
        if (_notAccepted)
            return MayReplay && SomebodyElseIsThere(RouteReason.Refused);
        return !ReplayRules.AllowAfterSending(context.Request, decision.Route) || !MayReplay
            || (budget.HasRoom() && SomebodyElseIsThere(RouteReason.Failed));
    }

    /// <summary>The request may be sent again although it was sent (docs/contract.md section 4).</summary>
    private bool MayReplay => body?.CanReplay ?? true;

    private bool SomebodyElseIsThere(RouteReason why) => router.DecideAfter(decision, exchange.Caller, why).HasBackend;
}
