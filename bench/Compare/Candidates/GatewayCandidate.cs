using System.Text.Json;
using System.Text.Json.Nodes;

namespace CompareBench.Candidates;

/// <summary>
/// A checkout's gateway as it is published, with everything on: the configuration that ships, both flags on and the canary at the job's
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
            ["Kestrel__Endpoints__Public__Url"] = $"http://127.0.0.1:{place.Port}",
            ["Kestrel__Endpoints__Admin__Url"] = $"http://127.0.0.1:{place.AdminPort}",
        };
        if (!job.Logs)
            environment["Logging__LogLevel__Default"] = "None";
        return new(["dotnet", Path.Combine(program, "gateway.dll")]) { Environment = environment };
    }

    private string CreateGatewayFile(Job job)
    {
        var file = ReadShipped("gateway.json");
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
        file["Cohorts"]!["canary"]!["DefaultRolloutPercentage"] = job.Percentage;
        return file.ToJsonString();
    }

    private JsonNode ReadShipped(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(checkout, "tests/Harness/Fixtures", name)), null, Relaxed)!;
}
