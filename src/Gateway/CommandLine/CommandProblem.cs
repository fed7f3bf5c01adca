using System.CommandLine;
using Gateway.Configuration;
using Gateway.Starting;
using ServiceDefaults.Logging;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>Why a command gave no answer: a sentence on standard error, and with <c>--json</c> a document too.</summary>
/// <param name="Code"><c>usage</c>, <c>configuration</c>, or what the command calls it.</param>
/// <param name="Findings">Each fault of a refused configuration.</param>
internal sealed record CommandProblem(string Code, string Message, int ExitCode, IReadOnlyList<ConfigFinding> Findings)
{
    /// <returns>Null for what is nobody's mistake but ours.</returns>
    public static CommandProblem? From(Exception error) => error switch
    {
        WrongUsageException wrong => new("usage", wrong.Message, ExitCodes.WrongUsage, []),
        CommandRefusedException refused => new(refused.Code, refused.Message, refused.ExitCode, []),
        ConfigurationRefusedException refused =>
            new("configuration", LogRedaction.Apply(refused.Message), ExitCodes.Refused, refused.Findings),
        _ when Startup.Describe(error) is { } message => new("settings", LogRedaction.Apply(message), ExitCodes.Refused, []),
        _ => null,
    };

    public async Task WriteAsync(InvocationConfiguration invocation, bool asJson)
    {
        if (asJson)
            await invocation.Output.WriteLineAsync(CommandOutput.ToJson(new { problem = new { Code, Message, Findings }, ExitCode }));
        await invocation.Error.WriteLineAsync(TerminalCharacters.Escape(Message));
    }
}

/// <summary>A command could not give its answer.</summary>
/// <param name="code">For programs, as <c>unreachable</c>.</param>
internal sealed class CommandRefusedException(string code, string message, int exitCode = ExitCodes.Refused) : Exception(message)
{
    public string Code => code;

    public int ExitCode => exitCode;
}
