using Gateway.CommandLine;

namespace Gateway.Tests.CommandLine;

/// <summary>A command of the gateway, in this process.</summary>
internal sealed record CommandRun(int Code, string Output, string Errors)
{
    public static async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        var run = await WholeAsync(args);
        return (run.Code, run.Output);
    }

    /// <param name="switches">Environment variables that are "true"; those of this process are not seen.</param>
    public static async Task<CommandRun> WholeAsync(string[] args, params string[] switches)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var commands = new GatewayCommand(
            host => GatewayApplication.BuildAsync(host, name => switches.Contains(name) ? "true" : null, serves: false),
            static _ => throw new NotSupportedException("A test starts no controller."));
        return new(await commands.RunAsync(args, output, errors), output.ToString(), errors.ToString());
    }
}
