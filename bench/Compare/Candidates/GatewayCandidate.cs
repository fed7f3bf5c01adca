using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CompareBench.Candidates;

/// <summary>
/// A checkout's gateway as it is published and started by its image, with everything on: the configuration that ships, both flags on and the canary at the job's
/// percentage, probes, circuits, metrics, and its log in a file.
/// </summary>
/// <param name="checkout">Whose configuration it gets.</param>
/// <param name="program">The folder that it was published into.</param>
internal sealed class GatewayCandidate(string name, string checkout, string program) : Candidate(name)
{
    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public override Launch Prepare(Job job, Place place)
    {
        Directory.CreateDirectory(place.File("config"));
        place.Write("config/gateway.json", CreateGatewayFile(job));
        place.Write("config/rollout.json", CreateRolloutFile(job));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GATEWAY_CONFIG_DIR"] = place.File("config"),
            ["CALENDAR_SERVICE_ENABLED"] = "true",
            ["PUBLISH_SERVICE_ENABLED"] = "true",
            ["DOTNET_GCgen0size"] = "0x1000000", // As its image and its unit have them.
            ["MALLOC_ARENA_MAX"] = "2",
            ["Kestrel__Endpoints__Public__Url"] = $"http://127.0.0.1:{place.Port}",
            ["Kestrel__Endpoints__Admin__Url"] = $"http://127.0.0.1:{place.AdminPort}",
        };
        if (!job.Logs)
            environment["Logging__LogLevel__Serilog"] = "None"; // The completion lines; docs/observability.md.
        if (job.Streams > 0)
        {
            // As an operator who expects so many; the defaults are 8,000 and 10,000.
            environment["Overload__StreamPermits"] = Math.Max(8000, job.Streams + 100).ToString(CultureInfo.InvariantCulture);
            environment["Limits__Connections"] = Math.Max(10_000, job.Streams + 200).ToString(CultureInfo.InvariantCulture);
        }

        return new(["dotnet", Path.Combine(program, "gateway.dll")]) { Environment = environment };
    }

    private string CreateGatewayFile(Job job)
    {
        var file = ReadShipped("gateway.json");
        for (var area = 0; area < job.Areas; area++)
        {
            var route = file["ReverseProxy"]!["Routes"]!["calendar"]!.DeepClone();
            route["Match"]!["Path"] = $"/area{area}/{{**rest}}";
            file["ReverseProxy"]!["Routes"]![$"area{area}"] = route;
        }

        var clusters = file["ReverseProxy"]!["Clusters"]!;
        clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = job.Calendar.ToString();
        clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = job.Legacy.ToString();
        return file.ToJsonString();
    }

    private string CreateRolloutFile(Job job)
    {
        var file = ReadShipped("rollout.json");
        foreach (var flag in file["feature_management"]!["feature_flags"]!.AsArray())
            flag!["enabled"] = true;
        var canary = file["Cohorts"]!["canary"]!;
        canary["DefaultRolloutPercentage"] = job.Percentage;
        canary["Users"] = new JsonArray([.. Enumerable.Range(0, job.Names).Select(static n => (JsonNode)$"member{n}")]);
        return file.ToJsonString();
    }

    private JsonNode ReadShipped(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(checkout, "tests/Harness/Fixtures", name)), null, Relaxed)!;
}
