using System.CommandLine;

namespace Gateway.CommandLine;

/// <summary>The operator's commands, in the same binary as the gateway; without a command the gateway starts.</summary>
/// <param name="build">Builds a gateway from host arguments, without starting it.</param>
internal sealed class GatewayCommand(Func<string[], Task<WebApplication>> build)
{
    private readonly RootCommand _root = new(
        "A gateway in front of a legacy backend and the calendar service. Without a command it serves.")
    {
        CheckCommand.Create(), ExplainCommand.Create(build), DiffCommand.Create(), HealthCheckCommand.Create(), SmokeCommand.Create(),
        LogsCommand.Create(),
    };

    public bool Handles(string[] args) =>
        args.Length > 0 && (_root.Subcommands.Any(c => c.Name == args[0]) || args[0] is "--help" or "-h" or "-?");

    /// <param name="output">Where answers go; standard output by default.</param>
    /// <param name="errors">Where complaints go; standard error by default.</param>
    public async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null)
    {
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        if (output is not null)
            invocation.Output = output;
        if (errors is not null)
            invocation.Error = errors;
        var parsed = _root.Parse(args);
        var code = await parsed.InvokeAsync(invocation);
        return parsed.Errors.Count > 0 && parsed.CommandResult.Command.Name == SmokeCommand.Name ? SmokeCommand.Impossible : code;
    }
}
