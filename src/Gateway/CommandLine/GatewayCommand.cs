using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Gateway.Starting;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>The operator's commands, in the same binary as the gateway; without a command the gateway starts.</summary>
internal sealed class GatewayCommand
{
    private const string HelpWord = "help";
    private const string HelpOption = "--help";
    private const string VersionOption = "--version";

    // An argument that begins with @ is no file to read more arguments from.
    private static readonly ParserConfiguration Literally = new() { ResponseFileTokenReplacer = null };

    private readonly RootCommand _root;

    /// <param name="build">Builds a gateway from host arguments, without starting it.</param>
    /// <param name="run">Runs a rollout's controller with these settings until it is told to stop.</param>
    public GatewayCommand(Func<string[], Task<WebApplication>> build, Func<string[], Task<int>> run)
    {
        _root = new("""
            A gateway in front of a legacy backend and the calendar service. Without a command it serves; settings may follow, as
            gateway --Kestrel:Endpoints:Public:Url=http://*:8080
            """)
        {
            HelpName = Startup.ProgramName,
        };
        foreach (var command in (Command[])[
            CheckCommand.Create(build), ExplainCommand.Create(build), DiffCommand.Create(), StatusCommand.Create(),
            HealthCheckCommand.Create(), RolloutCommand.Create(run), SmokeCommand.Create(), LogsCommand.Create(), SchemaCommand.Create(),
            OverrideCommand.Create(TimeProvider.System), RollbackReportCommand.Create()])
            _root.Add(command);

        _root.Options.Clear();
        // Without the slash forms: a path begins with one.
        _root.Options.Add(new HelpOption(HelpOption, "-h", "-?"));
        _root.Options.Add(new VersionOption(VersionOption));
        _root.Options.OfType<VersionOption>().Single().Action = new WriteVersion();
        _root.Directives.Clear();
    }

    /// <summary>What the first argument can be, when it is no setting.</summary>
    public IReadOnlyList<string> Words => [.. _root.Subcommands.Select(command => command.Name), HelpWord, HelpOption, VersionOption];

    /// <summary>Whether these are a command's, or meant to be: a gateway starts without arguments, and with settings.</summary>
    public static bool Handles(string[] args) =>
        args.Length > 0 && (!ArgumentSettings.IsSetting(args[0]) || args[0] is HelpOption or "-h" or "-?" or VersionOption);

    /// <param name="output">Where answers go; standard output by default.</param>
    /// <param name="errors">Where complaints go; standard error by default.</param>
    public async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null)
    {
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        if (output is not null)
            invocation.Output = output;
        if (errors is not null)
            invocation.Error = errors;
        string[] words = args is [HelpWord, .. var asked] ? [.. asked, HelpOption] : args;
        try
        {
            var parsed = _root.Parse(words, Literally);
            CommandUsage.Check(parsed, words, Words);
            return await parsed.InvokeAsync(invocation);
        }
        catch (Exception error) when (CommandProblem.From(error) is { } problem)
        {
            await problem.WriteAsync(invocation, asJson: words.Contains(CommandOutput.JsonName));
            return problem.ExitCode;
        }
    }

    private sealed class WriteVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => false;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Text);
            return ExitCodes.Done;
        }
    }
}
