using Yarp.ReverseProxy.Model;

namespace Gateway.Exchanges;

/// <summary>One try at one backend, as those see it who forward it and watch its answer.</summary>
internal abstract class UpstreamTry
{
    /// <summary>The forwarder's own state: which destination, of which cluster.</summary>
    public required IReverseProxyFeature Proxy { get; set; }

    /// <summary>
    /// Somebody else could answer in its place, so its answers open and close a circuit. Where nobody could, a failing page must not take
    /// the good ones away.
    /// </summary>
    public required bool IsJudged { get; init; }

    /// <summary>Sent whatever the circuits say.</summary>
    public required bool IsLastResort { get; init; }

    /// <summary>How long the head of its answer is waited for; null where that is the forwarder's matter.</summary>
    public HeadPatience? Patience { get; set; }

    /// <summary>It ended because the client's body broke off, was malformed or came to a halt.</summary>
    public bool ClientFailed { get; set; }

    /// <summary>Its answer stays open.</summary>
    /// <returns>Whether there is room for one more stream. The answer's head has not been passed on yet.</returns>
    public abstract bool TryBecomeStream();
}
