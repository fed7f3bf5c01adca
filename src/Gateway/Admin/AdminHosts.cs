using System.Net;
using Gateway.Listening;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Gateway.Admin;

/// <summary>
/// The names under which the admin listener may be asked. A page of <c>evil.example</c> can have its own name lead to 127.0.0.1 once it is
/// loaded, and then reads whatever answers there as its own; but it cannot choose the Host, which is still <c>evil.example</c>. Legal is
/// what no stranger can own: addresses, names without a dot (a service of a compose file or a cluster), localhost, this machine's name, the
/// name in the listener's own address, and what the operator lists.
/// </summary>
internal sealed class AdminHosts
{
    private readonly StringSegment[] _names;

    public AdminHosts(IOptions<AdminOptions> options, IConfiguration settings)
    {
        var listener = ListenerAddress.Parse(settings["Kestrel:Endpoints:Admin:Url"])?.Host;
        IEnumerable<string?> names = [.. options.Value.Hosts, "*.localhost", Dns.GetHostName(), listener];
        _names = [.. names.OfType<string>().Where(name => name.Length > 0).Select(name => new StringSegment(name))];
    }

    /// <param name="host">Empty when there is none: an HTTP/1.0 request, which no browser sends.</param>
    public bool Include(HostString host)
    {
        var name = host.Host.TrimEnd('.');
        return !name.Contains('.', StringComparison.Ordinal) || IPAddress.TryParse(name, out _) || HostString.MatchesAny(name, _names);
    }
}
