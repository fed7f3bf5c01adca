using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

/// <summary>
/// Which addresses no connection can be made to at present, as the last attempt found, whoever made it: a request or a probe. A last
/// resort that cannot be reached is not waited for.
/// </summary>
internal sealed class Reachability(IOptions<CircuitOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Host, int Port), long> _failedAt = new();

    public void Failed(string host, int port) => _failedAt[(host, port)] = clock.GetTimestamp();

    public void Connected(string host, int port)
    {
        if (!_failedAt.IsEmpty)
            _failedAt.TryRemove((host, port), out _);
    }

    /// <summary>The last attempt failed, and not so long ago that another one is due.</summary>
    public bool IsAway(DestinationState destination) =>
        !_failedAt.IsEmpty
        && Uri.TryCreate(destination.Model.Config.Address, UriKind.Absolute, out var address)
        && _failedAt.TryGetValue((address.IdnHost, address.Port), out var at)
        && clock.GetElapsedTime(at) < options.Value.BreakDuration;
}
