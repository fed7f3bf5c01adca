using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gateway.Listening;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway healthcheck</c>: asks the running gateway's <c>/readyz</c>; for containers that have no curl, and for scripts that start one.
/// </summary>
internal static class HealthCheckCommand
{
    public static Command Create()
    {
        var url = AddressOption.Create("--url", "The admin listener; that of the settings by default.");
        var wait = new Option<double>("--wait") { Description = "Seconds to ask again until it is, and has probed every backend." };
        wait.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<double>() is not (>= 0 and < 1_000_000))
                result.AddError("--wait takes seconds, from zero.");
        });
        var serves = new Option<string?>("--serves") { Description = "Ready only if this backend gets all of its users." };
        var json = CommandOutput.JsonOption();
        var command = new Command("healthcheck", "Exit 0 when the running gateway is ready, else 1.") { url, wait, serves, json };
        command.SetAction(async (result, cancel) =>
        {
            using var admin = result.OpenAdmin(url);
            var (ready, detail) = await AskAsync(
                admin, result.GetResult(wait) is null ? null : TimeSpan.FromSeconds(result.GetValue(wait)), result.GetValue(serves),
                cancel);
            if (result.GetValue(json))
                result.WriteJson(new { url = admin.Address.ToString(), ready, detail });
            else
                result.WriteText($"{admin.Address}: {(ready ? "ready" : "not ready")} ({detail})");
            return ready ? ExitCodes.Done : ExitCodes.Refused;
        });
        return command;
    }

    private static async Task<(bool Ready, string Detail)> AskAsync(
        AdminClient admin, TimeSpan? wait, string? serves, CancellationToken cancel)
    {
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(50), cancel))
        {
            var (ready, detail) = await AskOnceAsync(admin, probed: wait is not null, serves, cancel);
            if (ready || Stopwatch.GetElapsedTime(started) >= (wait ?? TimeSpan.Zero))
                return (ready, detail);
        }
    }

    private static async Task<(bool Ready, string Detail)> AskOnceAsync(
        AdminClient admin, bool probed, string? serves, CancellationToken cancel)
    {
        try
        {
            using var response = await admin.GetAsync("/readyz", cancel);
            var detail = await response.Content.ReadAsStringAsync(cancel);
            if (!response.IsSuccessStatusCode || (!probed && serves is null))
                return (response.IsSuccessStatusCode, detail);
            using var answer = await admin.GetAsync("/status", cancel);
            var status = await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
            return FindObstacle(status, probed, serves) is { } obstacle ? (false, obstacle) : (true, detail);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException)
        {
            return (false, error.Message);
        }
    }

    /// <summary>Why users are not served as they will be in a moment; null when they are.</summary>
    private static string? FindObstacle(JsonElement status, bool probed, string? serves)
    {
        var all = status.GetProperty("backends").EnumerateArray()
            .ToDictionary(b => b.GetProperty("id").GetString()!, StringComparer.Ordinal);
        if (probed && all.FirstOrDefault(b => !b.Value.GetProperty("probed").GetBoolean()).Key is { } unknown)
            return $"{unknown} has not been probed yet";
        if (serves is null)
            return null;
        if (!all.TryGetValue(serves, out var backend))
            return $"there is no backend {serves}";
        return backend.GetProperty("availability").GetString() is var availability and not "available" ? $"{serves} is {availability}"
            : backend.GetProperty("ramp").GetDouble() is var share and < 1 ? string.Create(
                CultureInfo.InvariantCulture, $"{serves} is given {share:P0} of its users") : null;
    }
}
