using System.Text.Json.Nodes;

namespace CompareBench.Candidates;

/// <summary>
/// <c>bench/Bare</c>, untuned: the builder and the loggers of ASP.NET Core's web template with the template's levels, and YARP's own lines,
/// which would be two for each request, from Warning on.
/// </summary>
internal sealed class BareYarp() : Candidate("bare YARP")
{
    private static readonly string Program = Path.GetFullPath("bench/Bare/bin/Release/net10.0/Bare.dll");

    public override bool DoesTheJob => false;

    public override Launch Prepare(Job job, Place place)
    {
        var settings = new JsonObject
        {
            ["Logging"] = new JsonObject
            {
                ["LogLevel"] = new JsonObject { ["Default"] = "Information", ["Microsoft.AspNetCore"] = "Warning", ["Yarp"] = "Warning" },
            },
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
                ["Routes"] = new JsonObject
                {
                    ["all"] = new JsonObject { ["ClusterId"] = "origin", ["Match"] = new JsonObject { ["Path"] = "/{**rest}" } },
                },
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
}
