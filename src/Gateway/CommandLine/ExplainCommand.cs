using System.CommandLine;
using System.Globalization;
using Gateway.Admin;
using Gateway.Snapshots;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway explain METHOD PATH</c>: the decision for a request, from the config folder and this process's environment. Health is
/// known only to a running gateway, so every backend counts as available here.
/// </summary>
internal static class ExplainCommand
{
    public static Command Create(Func<string[], Task<WebApplication>> build)
    {
        var positional = new Argument<string[]>("METHOD PATH") { Arity = new ArgumentArity(0, 2), Description = "As GET /api/calendar." };
        var method = new Option<string?>("--method") { Description = "The HTTP method; GET by default." };
        var path = new Option<string?>("--path") { Description = "The path, with its query." };
        var user = new Option<string?>("--user") { Description = "The user's id." };
        var groups = new Option<string?>("--groups") { Description = "The user's groups, comma-separated." };
        var host = new Option<string?>("--host") { Description = "The Host header; localhost by default." };
        var headers = new Option<string[]>("--header") { Description = "Another header, as \"X-Tenant: a\"; may be given again." };
        headers.Validators.Add(static result =>
        {
            if (result.Tokens.Any(token => Question.ParseHeader(token.Value) is null))
                result.AddError("--header takes a line as \"Name: value\".");
        });
        var config = new Option<string?>("--config") { Description = "The config folder." };
        var json = CommandOutput.JsonOption();
        var command = new Command(
            "explain", "Say which backend answers a request, and why.")
            { positional, method, path, user, groups, host, headers, config, json };
        command.SetAction(async (result, _) =>
        {
            var words = result.GetValue(positional) ?? [];
            var asked = result.GetValue(path) ?? words.LastOrDefault(w => w.StartsWith('/')) ?? "/";
            var verb = result.GetValue(method) ?? words.FirstOrDefault(w => !w.StartsWith('/')) ?? "GET";
            string[] settings = result.GetValue(config) is { } folder ? [$"--{ConfigFolder.EnvironmentVariable}={folder}"] : [];
            await using var app = await build(settings);
            var explanation = await app.Services.GetRequiredService<Explainer>().ExplainAsync(new(
                verb, asked, result.GetValue(user), result.GetValue(groups), result.GetValue(host),
                [.. (result.GetValue(headers) ?? []).Select(line => Question.ParseHeader(line)!.Value)]));
            if (result.GetValue(json))
                result.WriteJson(explanation);
            else
                Write(result, explanation);
        });
        return command;
    }

    private static void Write(ParseResult result, Explanation explanation)
    {
        var (request, decision) = (explanation.Request, explanation.Decision);
        result.WriteText($"{request.Method} {request.Path} as {request.User ?? "nobody"}: {decision.Backend}, because {decision.Reason}");
        result.WriteText($"  route   {explanation.Route?.Id ?? "none"}");
        if (explanation.Switch is { } keys)
            result.WriteText(
                $"  switch  {keys.Flag} is {(keys.On ? "on" : "off")} (environment {keys.Environment ?? "unset"}, "
                + $"file {keys.File?.ToString() ?? "silent"})");
        foreach (var filter in explanation.Cohort?.Filters ?? [])
            result.WriteText($"  filter  {filter.Filter} {filter.Cohort}: {Describe(filter)}");
        if (explanation.Chain.Count > 0)
            result.WriteText($"  chain   {string.Join(" → ", explanation.Chain.Select(l => l.Backend))}");
    }

    private static string Describe(ExplainedFilter filter) => filter.Accepted is not { } accepted
        ? "evaluated by FeatureManagement"
        : string.Create(CultureInfo.InvariantCulture,
            $"{(accepted ? "in" : "out")} by {filter.Matched} {filter.Group}(bucket {filter.Bucket:0.00}, percentage {filter.Percentage})");
}
