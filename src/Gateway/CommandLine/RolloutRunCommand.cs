using System.CommandLine;

namespace Gateway.CommandLine;

/// <summary><c>gateway rollout run</c>: the controller as a process of its own, for a fleet. Settings follow, as for a gateway.</summary>
internal static class RolloutRunCommand
{
    /// <param name="run">Runs a controller with these settings until it is told to stop.</param>
    public static Command Create(Func<string[], Task<int>> run)
    {
        var settings = new Argument<string[]>("SETTINGS")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "As Rollout:Gateways:0=http://10.0.0.7:9901; environment variables and files are read too.",
        };
        var command = new Command("run", "Move the ramps of the folder, on the evidence of the gateways in Rollout:Gateways.") { settings };
        command.SetAction((result, _) => run(result.GetValue(settings) ?? []));
        return command;
    }
}
