using System.Text;
using Gateway.Configuration;
using Gateway.Rollout;
using Gateway.Rollout.Ramps;

namespace Gateway.Tests.Rollout.Ramps;

/// <summary>A <c>rollout.json</c> around one ramp.</summary>
internal static class RampFile
{
    /// <summary>The example of docs/contract.md section 10.</summary>
    public const string Example = """
        {
          "Steps": [1, 5, 10, 25, 50, 100],
          "Bake": "00:15:00",
          "Gates": {
            "streams": { "Measure": "stream-failed", "Against": "control", "Margin": 0.02 },
            "errors": { "Measure": "server-error", "Against": "control" },
            "publish": { "Measure": "publish-failed", "Against": 0.05 },
            "slow": { "Measure": "slower-than", "Than": "00:00:01", "Against": "control", "Margin": 0.02, "Decides": false }
          },
          "OnRegression": "rollback", "RollbackTo": "zero", "OnInconclusive": "pause",
          "Windows": { "Weekly": ["Mon-Thu 08:00-16:00"], "TimeZone": "Europe/Berlin", "Freezes": ["2026-12-20/2027-01-04"] },
          "Notify": ["http://127.0.0.1:9911/rollout"]
        }
        """;

    private const string Alone = """{ "name": "Cohort", "parameters": { "Name": "canary" } }""";

    public static string Wrap(string ramp, string filters = Alone, string cohort = "canary") => $$"""
        {
          "feature_management": { "feature_flags": [ { "id": "FIRST", "conditions": { "client_filters": [ {{filters}} ] } } ] },
          "Cohorts": { "canary": { "DefaultRolloutPercentage": 0 } },
          "Ramps": { "{{cohort}}": {{ramp}} }
        }
        """;

    public static (RolloutFile? File, List<ConfigFinding> Findings) Read(string text)
    {
        var findings = new List<ConfigFinding>();
        return (RolloutFile.Read(Encoding.UTF8.GetBytes(text), _ => null, "Production", findings), findings);
    }

    public static RampPlan ReadPlan(string ramp)
    {
        var (file, findings) = Read(Wrap(ramp));
        Assert.Empty(findings);
        return file!.Ramps["canary"];
    }

    public static RampWindows Windows(string zone, string[]? weekly = null, string[]? freezes = null) => new(
        [.. (weekly ?? []).Select(text => WeeklyWindow.Find(text)!)], zone,
        [.. (freezes ?? []).Select(text => Freeze.Find(text, zone)!.Value)]);
}
