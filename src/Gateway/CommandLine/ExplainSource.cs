using System.Text.Json.Nodes;
using Gateway.Admin;
using Gateway.Listening;
using Gateway.Snapshots;
using ServiceDefaults.Problems;

namespace Gateway.CommandLine;

/// <summary>Whose word an explanation is.</summary>
/// <param name="Kind"><c>gateway</c>, a running one, or <c>offline</c>: files and this process's environment.</param>
/// <param name="Address">Of the running gateway's admin listener.</param>
/// <param name="Folder">Of the files.</param>
/// <param name="Note">What an offline answer does not know; null otherwise.</param>
internal sealed record ExplainSource(string Kind, string? Address, string? Folder, string? Note)
{
    public const string Gateway = "gateway";
    public const string Offline = "offline";

    /// <summary>Asks the running gateway.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="CommandRefusedException">Somebody answers, who does not explain.</exception>
    public static async Task<(ExplainSource Source, JsonObject Explanation)> AskAsync(
        AdminClient admin, Question question, CancellationToken cancel)
    {
        using var answer = await admin.GetAsync("/explain" + question.ToQuery(), cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        if (answer.IsSuccessStatusCode && CommandOutput.TryParse(text) is JsonObject explanation && explanation.ContainsKey("decision"))
            return (new(Gateway, admin.Address.ToString(), null, null), explanation);
        var why = answer.Content.Headers.ContentType?.MediaType == Problem.ContentType
            && CommandOutput.TryParse(text) is JsonObject problem && problem["detail"] is { } detail ? $": {detail}" : "";
        throw new CommandRefusedException(
            "not-explained", $"{admin.Address} answers /explain with {(int)answer.StatusCode}{why}; is it a gateway's admin listener?");
    }

    /// <summary>Decides here.</summary>
    /// <exception cref="Configuration.ConfigurationRefusedException">The files are refused.</exception>
    public static async Task<(ExplainSource Source, JsonObject Explanation)> DecideAsync(
        Func<string[], Task<WebApplication>> build, string? folder, Question question)
    {
        await using var app = await build(folder is null ? [] : [$"--{ConfigFolder.EnvironmentVariable}={folder}"]);
        var explanation = await app.Services.GetRequiredService<Explainer>().ExplainAsync(question);
        var source = new ExplainSource(
            Offline, null, app.Services.GetRequiredService<ConfigFolder>().Path,
            "decided by the folder and this shell's environment, every backend taken as available; no running gateway was asked");
        return (source, CommandOutput.ToNode(explanation).AsObject());
    }
}
