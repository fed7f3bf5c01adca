using System.CommandLine;
using Gateway.Listening;
using Gateway.Starting;

namespace Gateway.CommandLine;

/// <summary><c>gateway healthcheck</c>: asks the running gateway's <c>/readyz</c>; for containers that have no curl.</summary>
internal static class HealthCheckCommand
{
    public static Command Create()
    {
        var url = new Option<string?>("--url") { Description = "The admin listener; that of the settings by default." };
        var json = CommandOutput.JsonOption();
        var command = new Command("healthcheck", "Exit 0 when the running gateway is ready, else 1.") { url, json };
        command.SetAction(async (result, cancel) =>
        {
            var given = result.GetValue(url);
            // What the running gateway reads, which was started with the same files and variables.
            var admin = given ?? Startup.ReadSettings()["Kestrel:Endpoints:Admin:Url"]!;
            var (ready, detail) = ListenerAddress.Parse(admin) is { } listener
                ? await AskAsync(listener.Reachable, own: given is null, cancel)
                : (false, "not an http or https address");
            if (result.GetValue(json))
                result.WriteJson(new { url = admin, ready, detail });
            else
                result.WriteText($"{admin}: {(ready ? "ready" : "not ready")} ({detail})");
            return ready ? 0 : 1;
        });
        return command;
    }

    private static async Task<(bool Ready, string Detail)> AskAsync(Uri admin, bool own, CancellationToken cancel)
    {
        using var handler = DirectHandler.Create(admin, TimeSpan.FromSeconds(2), own);
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var response = await client.GetAsync(new Uri(admin, "/readyz"), cancel);
            return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancel));
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return (false, error.GetBaseException().Message);
        }
    }
}
