using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Control;

/// <summary>
/// Tells the ramp's webhooks of each transition. The body is Alertmanager's (version 4) with the <c>text</c> that Slack shows. Nobody waits
/// for it: what cannot be delivered is tried again for some minutes, then the log says so.
/// </summary>
internal sealed partial class RolloutNotices(TimeProvider clock, ILogger<RolloutNotices> logger) : BackgroundService
{
    private const int MostWaiting = 256;
    private const int MostTries = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Channel<(Uri To, RolloutEvent Event)> _waiting = Channel.CreateBounded<(Uri, RolloutEvent)>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <param name="plan">Null for what has no webhooks.</param>
    public void Send(RampPlan? plan, RolloutEvent transition)
    {
        foreach (var address in plan?.Notify ?? [])
            _waiting.Writer.TryWrite((address, transition));
    }

    /// <summary>Delivers what waits, for a process that does not stay.</summary>
    public async Task DeliverAsync(CancellationToken cancel)
    {
        using var http = Open();
        while (_waiting.Reader.TryRead(out var notice))
            await DeliverAsync(http, notice.To, notice.Event, tries: 1, cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = Open();
        await foreach (var (to, transition) in _waiting.Reader.ReadAllAsync(stoppingToken))
            await DeliverAsync(http, to, transition, MostTries, stoppingToken);
    }

    private static HttpClient Open() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout };

    private async Task DeliverAsync(HttpClient http, Uri to, RolloutEvent transition, int tries, CancellationToken cancel)
    {
        var pause = FirstPause;
        for (var tried = 1; ; tried++, pause *= 2)
        {
            var fault = await TryDeliverAsync(http, to, transition, cancel);
            if (fault is null)
                return;
            if (tried >= tries)
            {
                LogLost(transition.Subject, transition.Action, to.Host, fault);
                return;
            }

            await Task.Delay(pause, clock, cancel);
        }
    }

    private static async Task<string?> TryDeliverAsync(HttpClient http, Uri to, RolloutEvent transition, CancellationToken cancel)
    {
        try
        {
            using var body = new StringContent(ToBody(transition), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(to, body, cancel);
            return answer.IsSuccessStatusCode ? null : $"it answers {(int)answer.StatusCode}";
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return error.GetBaseException().Message;
        }
    }

    private static string ToBody(RolloutEvent e)
    {
        var text = $"Rollout of {e.Subject}: {e.Action} {e.From} → {e.To} by {e.Who}: {e.Why}";
        var severity = e.Action is "rollback" or "kill" ? "critical" : e.Action is "pause" or "hand-edit" ? "warning" : "info";
        var labels = new { alertname = "Rollout", subject = e.Subject, action = e.Action, verdict = e.Verdict ?? "", severity };
        var annotations = new { summary = text, description = e.Why, undo = e.Undo ?? "" };
        return JsonSerializer.Serialize(new
        {
            text,
            version = "4", groupKey = $"rollout:{e.Subject}", truncatedAlerts = 0, status = "firing", receiver = "rollout",
            groupLabels = new { e.Subject }, commonLabels = labels, commonAnnotations = annotations, externalURL = "",
            alerts = new[]
            {
                new
                {
                    status = "firing", labels, annotations, startsAt = e.At, endsAt = DateTimeOffset.MinValue, generatorURL = "",
                    fingerprint = e.Id[..16],
                },
            },
            rollout = JsonSerializer.SerializeToElement(e, JsonSerializerOptions.Web),
        });
    }

    [LoggerMessage(LogLevel.Error, "Rollout of {Subject}: {Host} was not told of {Action}: {Fault}")]
    private partial void LogLost(string subject, string action, string host, string fault);
}
