using System.Text.Json;
using Gateway.Listening;

namespace Gateway.Smoke;

/// <summary>What the admin listener says of itself, and whether it says the same as the answers did.</summary>
internal sealed class AdminSmoke(SmokeOptions options) : IDisposable
{
    private readonly HttpClient _http = new(DirectHandler.Create(options.Admin!, options.Timeout))
    {
        BaseAddress = options.Admin!.Reachable,
        Timeout = options.Timeout,
    };

    /// <exception cref="SmokeImpossibleException">Nobody there.</exception>
    public async Task<JsonElement> StatusAsync(CancellationToken cancel)
    {
        try
        {
            return await _http.GetFromJsonAsync<JsonElement>("/status", cancel);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or NotSupportedException
            || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new SmokeImpossibleException($"{options.Admin} is not the gateway's admin listener: {error.Message}");
        }
    }

    public async Task<string> ConfigurationAsync(CancellationToken cancel)
    {
        var configuration = (await StatusAsync(cancel)).GetProperty("configuration");
        var reload = configuration.GetProperty("lastReload");
        return reload.GetProperty("successful").GetBoolean()
            ? $"revision {configuration.GetProperty("revision")} from {configuration.GetProperty("folder")}"
            : throw new SmokeFailedException(
                $"the files on disk are not in force: {string.Join("; ", reload.GetProperty("problems").EnumerateArray())}");
    }

    public async Task<string> BackendsAsync(CancellationToken cancel)
    {
        var backends = (await StatusAsync(cancel)).GetProperty("backends").EnumerateArray()
            .Select(b => $"{b.GetProperty("id")} {b.GetProperty("availability")}").ToArray();
        return Array.TrueForAll(backends, b => b.EndsWith(" available", StringComparison.Ordinal))
            ? string.Join(", ", backends)
            : throw new SmokeFailedException(string.Join(", ", backends));
    }

    /// <summary>The same function decides both, so another answer means that the user was not who we said.</summary>
    public async Task<string> ExplainAsync(SmokeAnswer answer, CancellationToken cancel)
    {
        var query = $"/explain?method=GET&path={Uri.EscapeDataString(answer.Asked.Split(' ')[1])}&user={Uri.EscapeDataString(options.User)}"
            + $"&groups={Uri.EscapeDataString(options.Groups ?? "")}";
        var decision = (await _http.GetFromJsonAsync<JsonElement>(query, cancel)).GetProperty("decision");
        var (backend, reason) = (decision.GetProperty("backend").GetString(), decision.GetProperty("reason").GetString());
        return backend == answer.ServedBy && reason == answer.Reason
            ? $"{answer.Asked} as {options.User}: {backend}, {reason}, as it was answered"
            : throw new SmokeFailedException(
                $"{answer.Asked} as {options.User}: explained as {backend}, {reason}, answered by {answer.ServedBy}, {answer.Reason}; "
                + "does the gateway believe X-User-Id from here (Identity:TrustedProxies)?");
    }

    public void Dispose() => _http.Dispose();
}
