using System.Net;
using System.Net.NetworkInformation;

namespace Gateway.Listening;

/// <summary>An address as Kestrel's endpoints have it, <c>http://+:9901</c> and <c>http://[::]:9901</c> included.</summary>
internal sealed class ListenerAddress
{
    private readonly BindingAddress _binding;

    private ListenerAddress(BindingAddress binding) => _binding = binding;

    /// <summary>Null when it is no address, or one of a socket file.</summary>
    public static ListenerAddress? Parse(string? url)
    {
        try
        {
            return url is not null && url.Contains("://", StringComparison.Ordinal) && BindingAddress.Parse(url.Trim()) is
                { IsUnixPipe: false } binding && binding.Scheme.ToLowerInvariant() is "http" or "https" ? new(binding) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>As the address has it: a name, an address in brackets, <c>*</c> or <c>+</c>.</summary>
    public string Host => _binding.Host;

    /// <summary>Where a process on the same machine finds it: what means every address becomes loopback.</summary>
    public Uri Reachable => new(
        $"{_binding.Scheme}://{(IsWildcard ? (IsIPv6 ? "[::1]" : "127.0.0.1") : _binding.Host)}:{_binding.Port}{_binding.PathBase}/");

    public int Port => _binding.Port;

    /// <summary>Whether a request to <paramref name="destination"/> would come back here.</summary>
    /// <param name="found">What the destination's name stands for, if it is a name and was looked up.</param>
    public bool IsReachedBy(Uri destination, IReadOnlyList<IPAddress> found)
    {
        if (_binding.Port != destination.Port || _binding.Port == 0)
            return false;
        var host = destination.DnsSafeHost;
        if (IPAddress.TryParse(host, out var address))
            found = [address];
        else if (IsLocalName(host))
            found = [IPAddress.Loopback, IPAddress.IPv6Loopback];
        return host.Equals(_binding.Host, StringComparison.OrdinalIgnoreCase) || found.Select(Connected).Any(IsServed);
    }

    /// <summary>Where a connection to an address goes: to "any" address, to this machine.</summary>
    private static IPAddress Connected(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
    }

    private bool IsServed(IPAddress address)
    {
        if (IsEverywhere)
        {
            return IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
                .Any(card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
        }

        return IPAddress.TryParse(_binding.Host.Trim('[', ']'), out var bound)
            ? bound.Equals(address)
            : address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback);
    }

    private bool IsWildcard => _binding.Host is "*" or "+" || (IsEverywhere && _binding.Host.AsSpan().ContainsAny('.', ':')
        && IPAddress.TryParse(_binding.Host.Trim('[', ']'), out _));

    private bool IsIPv6 => _binding.Host.StartsWith('[');

    /// <summary>Kestrel takes any word that is neither an address nor localhost for every address: * and + are the usual ones.</summary>
    private bool IsEverywhere => IPAddress.TryParse(_binding.Host.Trim('[', ']'), out var address)
        ? address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        : !IsLocalName(_binding.Host);

    /// <summary>RFC 6761 section 6.3: and all names below it.</summary>
    private static bool IsLocalName(string host) =>
        ("." + host.TrimEnd('.')).EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
