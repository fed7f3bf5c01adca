using System.Net;
using Microsoft.Extensions.Options;
using ServiceDefaults.Options;

namespace Gateway.Identity;

/// <summary><c>Identity</c>: whose word about a user is believed.</summary>
internal sealed class IdentityOptions
{
    /// <summary>Addresses (<c>10.0.0.7</c>) and networks (<c>10.0.0.0/8</c>) of the proxies in front; loopback when empty.</summary>
    public IList<string> TrustedProxies { get; } = [];

    public static void Check(IdentityOptions o, OptionFaults faults)
    {
        for (var i = 0; i < o.TrustedProxies.Count; i++)
        {
            var text = o.TrustedProxies[i];
            faults.Require(TrustedPeers.IsLegal(text), $"TrustedProxies:{i}", text, "an address or a network, as 10.0.0.0/8");
        }
    }
}

/// <summary>The networks of <see cref="IdentityOptions.TrustedProxies"/>, parsed once.</summary>
internal sealed class TrustedPeers(IOptions<IdentityOptions> options)
{
    private static readonly IPNetwork[] Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    private readonly IPNetwork[] _networks = options.Value.TrustedProxies.Count == 0
        ? Loopback
        : [.. options.Value.TrustedProxies.Select(Parse)];

    public bool Contains(IPAddress? peer)
    {
        if (peer is null)
            return false;
        if (peer.IsIPv4MappedToIPv6)
            peer = peer.MapToIPv4();
        foreach (var network in _networks)
        {
            if (network.Contains(peer))
                return true;
        }

        return false;
    }

    public static bool IsLegal(string text) => IPNetwork.TryParse(text, out _) || IPAddress.TryParse(text, out _);

    private static IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
            return network;
        var address = IPAddress.Parse(text);
        return new(address, address.GetAddressBytes().Length * 8);
    }
}
