using System.Text.Json.Nodes;

namespace CompareBench.Candidates;

/// <summary>
/// <c>bench/Bare</c>, untuned: the builder and the loggers of ASP.NET Core's web template with the template's levels, and YARP's own lines,
/// which would be two for each request, from Warning on.
/// </summary>
/// <param name="levels">Other levels for its loggers.</param>
internal sealed class BareYarp(string name = BareYarp.Untuned, IReadOnlyDictionary<string, string>? levels = null) : Candidate(name)
{
    public const string Untuned = "bare YARP";

    private static readonly Dictionary<string, string> UntunedLevels = new(StringComparer.Ordinal)
    {
        ["Default"] = "Information", ["Microsoft.AspNetCore"] = "Warning", ["Yarp"] = "Warning",
    };

    public static readonly string Program = Path.GetFullPath("bench/Bare/bin/Release/net10.0/Bare.dll");

    /// <param name="level">Of everything that ASP.NET Core and YARP log.</param>
    public static BareYarp WithLevels(string level) =>
        new($"{Untuned}, {level}", new Dictionary<string, string>(StringComparer.Ordinal) { ["Default"] = level });

    public override bool DoesTheJob => false;

    public override Launch Prepare(Job job, Place place)
    {
        var settings = new JsonObject
        {
            ["Logging"] = new JsonObject { ["LogLevel"] = CreateObject(levels ?? UntunedLevels) },
            ["Kestrel"] = new JsonObject
            {
                ["Endpoints"] = new JsonObject
                {
                    ["Http"] = new JsonObject
                    {
                        ["Url"] = $"http://127.0.0.1:{place.Port}", ["Protocols"] = job.Http2 ? "Http2" : "Http1",
                    },
                },
            },
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = CreateRoutes(job),
                ["Clusters"] = new JsonObject
                {
                    ["origin"] = new JsonObject
                    {
                        ["Destinations"] = new JsonObject { ["origin-1"] = new JsonObject { ["Address"] = job.Legacy.ToString() } },
                    },
                },
            },
        };
        place.Write("appsettings.json", settings.ToJsonString());
        return new(["dotnet", Program, $"--contentRoot={place.Directory}"]);
    }

    private static JsonObject CreateRoutes(Job job)
    {
        var routes = new JsonObject { ["all"] = CreateRoute("/{**rest}") };
        for (var area = 0; area < job.Areas; area++)
            routes[$"area{area}"] = CreateRoute($"/area{area}/{{**rest}}");
        return routes;
    }

    private static JsonObject CreateRoute(string path) =>
        new() { ["ClusterId"] = "origin", ["Match"] = new JsonObject { ["Path"] = path } };

    private static JsonObject CreateObject(IReadOnlyDictionary<string, string> members) =>
        new(members.Select(static m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
}
