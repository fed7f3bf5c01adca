using System.Net;
using System.Net.Sockets;
using Gateway.Configuration;
using Gateway.Listening;

namespace Gateway.Routing;

/// <summary>
/// Finds addresses of backends, of their health checks and of proxies that lead back to this gateway, whatever they call it: each request
/// there would go in a circle, and each probe would be answered.
/// </summary>
internal static class OwnAddresses
{
    // A name that is not found by then is none that this machine has for itself.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    public static async Task CheckAsync(
        IEnumerable<IConfigurationSection> clusters, IReadOnlyList<ListenerAddress> listeners, FindingList findings)
    {
        (IConfigurationSection Value, Uri Address)[] all = [.. clusters.SelectMany(FindAddresses)
            .Where(section => Uri.TryCreate(section.Value, UriKind.Absolute, out _))
            .Select(section => (section, new Uri(section.Value!)))];
        // A name is looked up only where its port is one of ours.
        var names = all.Select(a => a.Address).Where(a => a.HostNameType == UriHostNameType.Dns && listeners.Any(l => l.Port == a.Port))
            .Select(a => a.DnsSafeHost).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var found = names.Zip(await Task.WhenAll(names.Select(LookUpAsync)))
            .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.OrdinalIgnoreCase);
        foreach (var (value, address) in all)
        {
            if (listeners.Any(listener => listener.IsReachedBy(address, found.GetValueOrDefault(address.DnsSafeHost) ?? [])))
                findings.Error(value.Path, value.Value, "a backend's address: this is the gateway's own");
        }
    }

    private static IEnumerable<IConfigurationSection> FindAddresses(IConfigurationSection cluster) =>
        cluster.GetSection("Destinations").GetChildren()
            .SelectMany(d => new[] { d.GetSection("Address"), d.GetSection("Health") })
            .Append(cluster.GetSection("HttpClient:WebProxy:Address"));

    private static async Task<IPAddress[]> LookUpAsync(string name)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name).WaitAsync(Patience);
        }
        catch (Exception error) when (error is SocketException or TimeoutException or ArgumentException)
        {
            return [];
        }
    }
}
