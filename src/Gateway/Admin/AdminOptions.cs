using ServiceDefaults.Endpoints;
using ServiceDefaults.Options;

namespace Gateway.Admin;

/// <summary><c>Admin</c>: the admin listener, beside its address.</summary>
internal sealed class AdminOptions
{
    private const string Below = "*.";

    /// <summary>Names that it answers to beside those of <see cref="AdminHosts"/>; <c>*.example.org</c> for all below one.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>Whoever has it may act: <c>Authorization: Bearer</c>. Without one nobody may.</summary>
    public string? Key { get; set; }

    public static void Check(AdminOptions o, OptionFaults faults)
    {
        faults.Require(o.Key is null || BearerKey.IsLegal(o.Key), "Key", "…", BearerKey.Expected);
        for (var i = 0; i < o.Hosts.Count; i++)
        {
            var name = o.Hosts[i].StartsWith(Below, StringComparison.Ordinal) ? o.Hosts[i][Below.Length..] : o.Hosts[i];
            faults.Require(
                Uri.CheckHostName(name) == UriHostNameType.Dns, $"Hosts:{i}", o.Hosts[i],
                "a name without scheme and port, as gateway.example.org or *.example.org");
        }
    }
}
