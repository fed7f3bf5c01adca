using System.Text.Json.Nodes;
using Gateway.Rollout.Ramps;

namespace Gateway.Changes;

/// <summary>Ramps: steps, gates and what follows; of addresses that are told, only their hosts.</summary>
internal static class RampChanges
{
    private const string Gates = "Gates";
    private const string Notify = "Notify";

    public static IEnumerable<ConfigChange> Describe(JsonNode? was, JsonNode? becomes) =>
        JsonDifference.Keys(was, becomes).SelectMany(name => Describe(name, was?[name] as JsonObject, becomes?[name] as JsonObject)
            .Select(text => new ConfigChange("ramp", name, text)));

    private static IEnumerable<string> Describe(string name, JsonObject? was, JsonObject? becomes)
    {
        if (was is null)
            return [$"ramp {name}: added, {Steps(becomes)}"];
        if (becomes is null)
            return [$"ramp {name}: removed"];
        var rest = JsonDifference.Find(was, becomes).Where(d => !IsToldElsewhere(d.Path)).Select(d => $"{d.Path} {d.ToWords()}");
        return rest.Concat(DescribeGates(was[Gates], becomes[Gates]))
            .Concat(NameLists.Describe(was[Notify], becomes[Notify], "receiver", RampReceivers.Show))
            .Select(text => $"ramp {name}: {text}");
    }

    private static bool IsToldElsewhere(string path) =>
        path.Equals(Notify, StringComparison.OrdinalIgnoreCase) || path.Split(':')[0].Equals(Gates, StringComparison.OrdinalIgnoreCase);

    private static string Steps(JsonNode? ramp) => $"{JsonDifference.Words(ramp?["Steps"])} %";

    private static IEnumerable<string> DescribeGates(JsonNode? was, JsonNode? becomes) =>
        JsonDifference.Keys(was, becomes).SelectMany<string, string>(name => (was?[name], becomes?[name]) switch
        {
            (null, { } gate) => [$"gate {name} added, {Words(gate)}"],
            ({ }, null) => [$"gate {name} removed"],
            var (before, after) => JsonDifference.Find(before, after).Select(d => $"gate {name} {d.Path} {d.ToWords()}"),
        });

    private static string Words(JsonNode gate) =>
        $"{JsonDifference.Words(gate["Measure"])} against {JsonDifference.Words(gate["Against"])}";
}
