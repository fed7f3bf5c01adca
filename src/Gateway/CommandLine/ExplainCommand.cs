using System.CommandLine;
using System.Globalization;
using Gateway.Admin;
using ServiceDefaults.Logging;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway explain METHOD PATH</c>: the decision for a request. The running gateway is asked; where none answers, or with a folder, it
/// is decided here, and said so: environment and health of the running one are known to it alone.
/// </summary>
internal static class ExplainCommand
{
    private static readonly Argument<string[]> Words = new("METHOD PATH")
    {
        Arity = new ArgumentArity(0, 2), Description = "As GET /api/calendar.",
    };
    private static readonly Option<string?> Method = new("--method") { Description = "The HTTP method; GET by default." };
    private static readonly Option<string?> Path = new("--path") { Description = "The path, with its query." };
    private static readonly Option<string?> User = new("--user") { Description = "The user's id." };
    private static readonly Option<string?> Groups = new("--groups") { Description = "The user's groups, comma-separated." };
    private static readonly Option<string?> Host = new("--host") { Description = "The Host header; localhost by default." };
    private static readonly Option<string[]> Headers = new("--header")
    {
        Description = "Another header, as \"X-Tenant: a\"; may be given again.",
    };
    private static readonly Option<string?> Admin = AddressOption.Create(
        "--admin", "The running gateway to ask, by its admin listener; that of the settings by default.");
    private static readonly Option<bool> Offline = new("--offline") { Description = "Ask no running gateway." };
    private static readonly Option<string?> Config = new("--config") { Description = "Decide offline, by this config folder." };
    private static readonly Option<bool> Json = CommandOutput.JsonOption();

    static ExplainCommand() => Headers.Validators.Add(static result =>
    {
        if (result.Tokens.Any(token => Question.ParseHeader(token.Value) is null))
            result.AddError("--header takes a line as \"Name: value\".");
    });

    public static Command Create(Func<string[], Task<WebApplication>> build)
    {
        var command = new Command("explain", "Say which backend answers a request, and why.")
        {
            Words, Method, Path, User, Groups, Host, Headers, Admin, Offline, Config, Json,
        };
        command.Validators.Add(static result =>
        {
            if (result.GetResult(Admin) is not null && (result.GetResult(Config) is not null || result.GetValue(Offline)))
                result.AddError("--admin asks a running gateway; --offline and --config ask none.");
        });
        command.SetAction(async (result, cancel) =>
        {
            var question = Read(result);
            var (source, explanation) = await ExplainAsync(result, build, question, cancel);
            if (result.GetValue(Json))
                result.WriteJson(CommandOutput.Prepend("source", source, explanation));
            else
                Write(result, source, CommandOutput.Read<Explanation>(explanation));
        });
        return command;
    }

    private static Question Read(ParseResult result)
    {
        var (method, path) = ExplainWords.Read(result.GetValue(Words) ?? [], result.GetValue(Method), result.GetValue(Path));
        return new(
            method, path, result.GetValue(User), result.GetValue(Groups), result.GetValue(Host),
            [.. (result.GetValue(Headers) ?? []).Select(line => Question.ParseHeader(line)!.Value)]);
    }

    private static async Task<(ExplainSource Source, System.Text.Json.Nodes.JsonObject Explanation)> ExplainAsync(
        ParseResult result, Func<string[], Task<WebApplication>> build, Question question, CancellationToken cancel)
    {
        var why = "";
        if (!result.GetValue(Offline) && result.GetResult(Config) is null)
        {
            using var admin = result.OpenAdmin(Admin);
            try
            {
                return await ExplainSource.AskAsync(admin, question, cancel);
            }
            catch (Exception error) when (error is HttpRequestException or CommandRefusedException)
            {
                why = error is CommandRefusedException ? error.Message : $"{admin.Address} cannot be asked: {error.Message}";
                if (result.GetResult(Admin) is not null)
                    throw new CommandRefusedException("unreachable", why);
            }
        }

        var decided = await ExplainSource.DecideAsync(build, result.GetValue(Config), question);
        await result.InvocationConfiguration.Error.WriteLineAsync(TerminalCharacters.Escape(
            $"OFFLINE: {decided.Source.Note}{(why.Length > 0 ? $" ({why})" : "")}."));
        return decided;
    }

    private static void Write(ParseResult result, ExplainSource source, Explanation explanation)
    {
        var (request, decision) = (explanation.Request, explanation.Decision);
        result.WriteText($"{request.Method} {request.Path} as {request.User ?? "nobody"}: {decision.Backend}, because {decision.Reason}");
        result.WriteText($"  route   {explanation.Route?.Id ?? "none"}");
        if (explanation.Switch is { } keys)
            result.WriteText(
                $"  switch  {keys.Flag} is {(keys.On ? "on" : "off")} (environment {keys.Environment ?? "unset"}, "
                + $"file {keys.File?.ToString().ToLowerInvariant() ?? "silent"})");
        foreach (var filter in explanation.Cohort?.Filters ?? [])
            result.WriteText($"  filter  {filter.Filter} {filter.Cohort}: {Describe(filter)}");
        if (explanation.Override is { } asked)
            result.WriteText($"  override {asked.Outcome}{Describe(asked)}");
        if (explanation.Chain.Count > 0)
            result.WriteText($"  chain   {string.Join(" → ", explanation.Chain.Select(l => l.Backend))}{DescribeFallbackOn(explanation)}");
        result.WriteText(source.Kind == ExplainSource.Offline
            ? $"  source  OFFLINE, {source.Folder}: {source.Note}" : $"  source  the running gateway, {source.Address}");
    }

    private static string Describe(ExplainedOverride asked) => asked.Flag is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $": {asked.Flag} {(asked.On == true ? "on" : "off")} for {asked.User ?? "anybody"}, until {asked.Expires:yyyy-MM-dd HH:mm:ss}Z");

    private static string DescribeFallbackOn(Explanation explanation) =>
        explanation.Route?.FallbackOn is { } status ? $", a GET or HEAD also on {status}" : "";

    private static string Describe(ExplainedFilter filter) => filter.Accepted is not { } accepted
        ? "evaluated by FeatureManagement"
        : string.Create(CultureInfo.InvariantCulture,
            $"{(accepted ? "in" : "out")} by {filter.Matched} {filter.Group}(bucket {filter.Bucket:0.00}, percentage {filter.Percentage})");
}
