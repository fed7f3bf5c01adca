using Gateway.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Routing;

/// <summary>
/// What can be tried of a file with errors: each value that is wrong is left out, or something harmless stands for it, so that what is
/// right beside it can be built.
/// </summary>
internal static class TrialSection
{
    private const string StandInAddress = "http://127.0.0.1:9/";
    private const string StandInPath = "/{**rest}";

    public static IConfigurationSection Read(IConfigurationSection reverseProxy, FindingList findings)
    {
        var values = reverseProxy.AsEnumerable()
            .ToDictionary(value => value.Key, value => value.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var path in findings.Errors.Select(finding => finding.Path.Split(':')).Where(path => path.Length > 1))
            Replace(values, path);
        return new ConfigurationBuilder().Add(new MemoryConfigurationSource { InitialData = values }).Build().GetSection(reverseProxy.Path);
    }

    /// <summary>Whether the requests of a route can be compared with those of others.</summary>
    public static bool IsMatchable(string routeId, FindingList findings) => !findings.Errors
        .Any(finding => finding.Path.Split(':') is [GatewayFile.Root, "Routes", var id, .. var rest]
            && id.Equals(routeId, StringComparison.OrdinalIgnoreCase) && rest is [] or ["Match", ..] or ["Order", ..]);

    private static void Replace(Dictionary<string, string?> values, string[] path)
    {
        switch (path[1..])
        {
            case ["Routes", _, "Transforms", _, ..]:
                Cut(values, path, 5);
                values[Join(path, 5) + ":RequestHeadersCopy"] = "true";
                break;
            case ["Routes", _, "Match", ..]:
                Cut(values, path, Math.Min(path.Length, 5));
                if (!Has(values, Join(path, 4) + ":Path") && !Has(values, Join(path, 4) + ":Hosts"))
                    values[Join(path, 4) + ":Path"] = StandInPath;
                break;
            case ["Clusters", _, "Destinations", _, ..]:
                Cut(values, path, 5);
                values[Join(path, 5) + ":Address"] = StandInAddress;
                break;
            case ["Clusters", _, not "SessionAffinity", _, ..]:
                Cut(values, path, path.Length);
                break;
            default:
                Cut(values, path, Math.Min(path.Length, 4));
                break;
        }
    }

    private static void Cut(Dictionary<string, string?> values, string[] path, int levels)
    {
        var cut = Join(path, levels);
        foreach (var key in values.Keys.Where(key => Stands(key, cut)).ToArray())
            values.Remove(key);
    }

    private static bool Has(Dictionary<string, string?> values, string path) => values.Keys.Any(key => Stands(key, path));

    private static bool Stands(string key, string path) => key.StartsWith(path, StringComparison.OrdinalIgnoreCase)
        && (key.Length == path.Length || key[path.Length] == ':');

    private static string Join(string[] path, int levels) => string.Join(':', path.Take(levels));
}
