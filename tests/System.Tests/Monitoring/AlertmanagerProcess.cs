using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harness;

namespace SystemTests.Monitoring;

/// <param name="Receiver">The last segment of the webhook's path.</param>
internal sealed record Notification(string Receiver, JsonElement Body)
{
    public IEnumerable<(string Status, string Name, string? Instance)> Alerts => Body.GetProperty("alerts").EnumerateArray().Select(a => (
        a.GetProperty("status").GetString()!, a.GetProperty("labels").GetProperty("alertname").GetString()!,
        a.GetProperty("labels").TryGetProperty("instance", out var instance) ? instance.GetString() : null));
}

/// <summary>Debian's Alertmanager with the shipped configuration: its receivers are ours, and its waits are short.</summary>
public sealed partial class AlertmanagerProcess : IAsyncLifetime
{
    public const string Shipped = "prometheus/alertmanager.yml";

    private readonly string _folder = Directory.CreateTempSubdirectory("alertmanager-").FullName;
    private readonly SocketsHttpHandler _handler = new();
    private readonly WebhookReceiver _receivers = WebhookReceiver.Start();
    private ProgramProcess _alertmanager = null!;
    private HttpClient _client = null!;
    private string _url = "";

    internal IEnumerable<Notification> Notifications => _receivers.Messages.Select(m => new Notification(m.Receiver, m.Body));

    public async ValueTask InitializeAsync()
    {
        var config = Path.Combine(_folder, "alertmanager.yml");
        var shipped = await File.ReadAllTextAsync(Path.Combine(Repository.Root, Shipped));
        await File.WriteAllTextAsync(
            config, Waits().Replace(OwnReceivers.Replace(shipped, _receivers.Url.TrimEnd('/')), "$1 1s"));
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{OwnPorts.Next()}");
        _url = $"http://{address}";
        _client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri(_url) };
        _alertmanager = ProgramProcess.Start(
            "prometheus-alertmanager",
            [$"--config.file={config}", $"--storage.path={Path.Combine(_folder, "data")}", $"--web.listen-address={address}",
                "--cluster.listen-address="]);
        await Eventually.TrueAsync("Alertmanager is ready", async () =>
        {
            Assert.False(_alertmanager.HasExited, _alertmanager.Errors);
            try
            {
                using var ready = await _client.GetAsync("/-/ready");
                return ready.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _alertmanager.DisposeAsync();
        await _receivers.DisposeAsync();
        _client.Dispose();
        _handler.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <param name="labels"><c>name=value</c>, the alert's name first without its label's name.</param>
    internal Task FireAsync(params string[] labels) =>
        Tool.RunAsync("amtool", null, [$"--alertmanager.url={_url}", "alert", "add", .. labels]);

    internal Task ResolveAsync(params string[] labels) =>
        Tool.RunAsync("amtool", null,
            [$"--alertmanager.url={_url}", "alert", "add", "--start=2020-01-01T00:00:00Z", "--end=2020-01-01T00:00:01Z", .. labels]);

    /// <summary>What amtool lists, and which of it is muted.</summary>
    internal async Task<IReadOnlyDictionary<string, bool>> MutedAsync(string job)
    {
        var said = await Tool.RunAsync(
            "amtool", null, $"--alertmanager.url={_url}", "alert", "query", "--inhibited", "--active", "--output=json", $"job={job}");
        return JsonDocument.Parse(said).RootElement.EnumerateArray().ToDictionary(
            alert => string.Join(' ', alert.GetProperty("labels").EnumerateObject().Where(l => l.Name != "job")
                .OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => l.Value.GetString())),
            alert => alert.GetProperty("status").GetProperty("inhibitedBy").GetArrayLength() > 0,
            StringComparer.Ordinal);
    }

    [GeneratedRegex(@"((?:group_wait|group_interval|repeat_interval):) \w+")]
    private static partial Regex Waits();
}
