using Gateway.CommandLine;

namespace Gateway.Tests.CommandLine;

/// <summary>A command of the gateway, in this process.</summary>
internal static class CommandRun
{
    public static async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        return (await new GatewayCommand(host => GatewayApplication.BuildAsync(host)).RunAsync(args, output), output.ToString());
    }
}
