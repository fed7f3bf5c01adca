using System.CommandLine;

namespace Gateway.CommandLine;

/// <summary><c>gateway healthcheck</c>: asks the running gateway's <c>/readyz</c>; for containers that have no curl.</summary>
internal static class HealthCheckCommand
{
    private const string DefaultAdmin = "http://127.0.0.1:9901";

    public static Command Create()
    {
        var url = new Option<string?>("--url") { Description = "The admin listener; Kestrel__Endpoints__Admin__Url by default." };
        var json = CommandOutput.JsonOption();
        var command = new Command("healthcheck", "Exit 0 when the running gateway is ready, else 1.") { url, json };
        command.SetAction(async (result, cancel) =>
        {
            var admin = result.GetValue(url) ?? Environment.GetEnvironmentVariable("Kestrel__Endpoints__Admin__Url") ?? DefaultAdmin;
            var (ready, detail) = await AskAsync(admin.Replace("*", "127.0.0.1").Replace("0.0.0.0", "127.0.0.1"), cancel);
            if (result.GetValue(json))
                result.WriteJson(new { url = admin, ready, detail });
            else
                result.WriteText($"{admin}: {(ready ? "ready" : "not ready")} ({detail})");
            return ready ? 0 : 1;
        });
        return command;
    }

    private static async Task<(bool Ready, string Detail)> AskAsync(string admin, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var response = await client.GetAsync(new Uri(new Uri(admin), "/readyz"), cancel);
            return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancel));
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            return (false, error.Message);
        }
    }
}
