using Harness;
using static Drill.ExpectedAlert;

namespace Drill;

/// <summary>
/// The faults, in an order in which none hides another: what disturbs nobody else together, then the database, the backends, and the
/// gateways at the end. A warning is caused before its page, which would mute it, and among so many good events that chance still explains
/// its failures; its ticket comes when both are over.
/// A little over 250 lines: it is one story, read from top to bottom.
/// </summary>
internal sealed class Story(Installation installation, Traffic traffic, Stage stage)
{
    private const string Post = "Rakes and spades at half price.";
    private static readonly string LongPost = string.Concat(Enumerable.Repeat(Post + " ", 20));

    private readonly string _service = installation.ServiceInstance;
    private string _settings = "";

    public static AiReply GoodAnswer() => AiReply.Posts(Post, Post).Finishes();

    public async Task PlayAsync()
    {
        await WarmUpAsync();
        await FaultsThatDisturbNobodyAsync();
        await DatabaseAsync();
        await BackendsAsync();
        await GatewaysAsync();
        await stage.EndsAsync();
        await stage.QueryAsync("at the end nothing but the watchdog and tickets fires", QuietButForTickets, holds: false);
    }

    private const string Quiet = "ALERTS{alertstate=\"firing\",alertname!=\"Watchdog\"}";

    // A ticket stands until half an hour has passed without failures. One was seen to end.
    private const string QuietButForTickets = "ALERTS{alertstate=\"firing\",alertname!=\"Watchdog\",severity!=\"ticket\"}";

    private static AiReply Stall() => AiReply.Posts(Post).Stalls();

    private async Task WarmUpAsync()
    {
        // "spring" is published all the while, "links" and "long" only to fail.
        foreach (
            var (calendar, channel) in ((string, string)[])[("spring", "x"), ("background", "x"), ("links", "linkedin"), ("long", "x")])
        {
            var stream = await traffic.GenerateAsync("alice", calendar, channel);
            if (!stream.Contains("\"finishReason\":\"complete\"", StringComparison.Ordinal))
                throw new DrillException($"The healthy system does not generate; its last words:\n{stream}\n{installation.Service.Tail()}");
        }

        // One failure of fewer than 12 streams, or two of fewer than 14 publishes, page at once: docs/alerts.md, "How sure a page is".
        // What was before the first scrape does not count.
        await stage.QueryAsync("everything is scraped", "count(up == 1) >= 5", holds: true);
        (traffic.Publishes, traffic.Streams) = (true, true);
        await stage.CauseAsync("Everything runs", () => Task.CompletedTask, Of("Watchdog", "none", "up", []));
        await RepeatAsync(10, () => traffic.GenerateAsync("alice", "background", "x"));
        await stage.ArrivalsAsync();
        await RepeatAsync(14, () => traffic.PublishAsync("alice", "spring"));
        await stage.QueryAsync(
            "streams and publishes are counted",
            "job:gateway_sse_streams_ended:increase15m >= 14 and on () job:calendar_publish_intents:increase15m >= 14", holds: true);
        await stage.QueryAsync("a healthy system is quiet", Quiet, holds: false);
    }

    private async Task FaultsThatDisturbNobodyAsync()
    {
        var (first, second) = (installation.Gateways[0], installation.Gateways[1]);
        var (refused, accepted) = (await File.ReadAllTextAsync(first.Rollout), await File.ReadAllTextAsync(second.Rollout));
        _settings = await File.ReadAllTextAsync(installation.ServiceSettings);
        var ticket = Ticket("CalendarSseErrorRateHigh", "gateway_sse_streams_total{outcome=\"timeout\"}", ("job", "gateway"));

        await stage.CauseAsync(
            "The AI falls silent in the middle of a stream",
            () => Task.FromResult(installation.Ai.Replies(Stall(), GoodAnswer())),
            Warning("CalendarSseErrorRateHigh", "gateway_sse_streams_total{outcome=\"timeout\"}", ("job", "gateway")), ticket);
        await stage.CauseAsync(
            "A post of 640 characters is published to x twice", async () =>
            {
                await traffic.EditAsync("long", LongPost);
                await RepeatAsync(2, () => traffic.PublishAsync("alice", "long"));
            },
            Warning("PublishFailureRateHigh", "calendar_publish_intents_total{status=\"failed\"}", ("job", "calendar")),
            Ticket("PublishFailureRateHigh", "calendar_publish_intents_total{status=\"failed\"}", ("job", "calendar")));
        await stage.CauseAsync(
            "Half a rollout.json is saved on the first gateway",
            () => File.WriteAllTextAsync(first.Rollout, refused[..(refused.Length / 2)]),
            Warning("ConfigReloadFailed", "gateway_config_last_reload_successful", ("job", "gateway"), ("instance", first.Instance)));
        await stage.CauseAsync(
            "Another rollout.json is saved on the second gateway",
            () => File.WriteAllTextAsync(second.Rollout, accepted + "\n// edited by hand\n"),
            Warning("ConfigRevisionsDiffer", "gateway_config_info", ("job", "gateway")));
        await stage.CauseAsync(
            "A file takes the place of the service's spool", ReplaceSpoolAsync,
            Warning("DataFolderUnusable", "calendar_data_folder_writable", ("job", "calendar"), ("instance", _service)));
        // While few others publish or generate: among more, so few failures would not warn.
        await stage.ArrivalsAsync("CalendarSseErrorRateHigh warning", "PublishFailureRateHigh warning");
        await stage.MutedAsync(ticket, by: "CalendarSseErrorRateHigh");
        await stage.CauseAsync(
            "The service loses its token for linkedin; somebody publishes there every second", LoseTokenAsync,
            Warning("ChannelAuthMissing", "calendar_channel_auth_failures_total", ("job", "calendar"), ("channel", "linkedin"),
                ("reason", "missing")));
        // While the warnings still ring: one that ended and came again under its page would not be heard to end.
        await stage.CauseAsync(
            "The AI falls silent in every stream", () => Task.FromResult(installation.Ai.Replies(Stall())),
            Critical("CalendarSseErrorRateHigh", "gateway_sse_streams_total{outcome=\"timeout\"}", ("job", "gateway")));
        await stage.CauseAsync(
            "The post that is too long is published eight times more, and then every second", async () =>
            {
                await RepeatAsync(8, () => traffic.PublishAsync("alice", "long"));
                traffic.PublishesToo = ["links", "long"];
            },
            Critical("PublishFailureRateHigh", "calendar_publish_intents_total{status=\"failed\"}", ("job", "calendar")));
        await stage.CauseAsync(
            "Legacy answers every request with 503, and its probes with 200", async () =>
            {
                installation.Legacy.Answers(503);
                // Only here could somebody else answer in legacy's place, the dry-run: where nobody could, it is not judged.
                traffic.OutsiderStreams = true;
                await RepeatAsync(20, () => traffic.GenerateAsync("bob", "background", "x"));
            },
            Warning("CircuitOpen", "gateway_circuit_state", ("job", "gateway"), ("backend", "legacy")));
        await stage.ArrivalsAsync("warning", "critical");

        await stage.MendAsync(
            "The AI answers again", () => Task.FromResult(installation.Ai.Replies(GoodAnswer())), "CalendarSseErrorRateHigh");
        await stage.MendAsync("The post is shortened and published", async () =>
        {
            traffic.PublishesToo = ["links"];
            await traffic.EditAsync("long", Post);
            await traffic.PublishAsync("alice", "long");
        }, "PublishFailureRateHigh");
        await stage.MendAsync("The token is back; the publish is repeated", async () =>
        {
            await File.WriteAllTextAsync(installation.ServiceSettings, _settings);
            await PublishUntilAsync("links", "dry_run_ok");
            traffic.PublishesToo = [];
        }, "ChannelAuthMissing");
        await stage.MendAsync("Both gateways get the same, whole rollout.json", async () =>
        {
            await File.WriteAllTextAsync(first.Rollout, refused);
            await File.WriteAllTextAsync(second.Rollout, accepted);
        }, "ConfigReloadFailed", "ConfigRevisionsDiffer");
        await stage.MendAsync("The file is taken away", () => Task.Run(() => File.Delete(installation.Spool)), "DataFolderUnusable");
        await stage.MendAsync("Legacy answers again", () => Task.Run(() => installation.Legacy.Answers(200, "legacy")), "CircuitOpen");
    }

    private async Task ReplaceSpoolAsync()
    {
        while (!File.Exists(installation.Spool))
        {
            try
            {
                Directory.Delete(installation.Spool, recursive: true);
                await File.WriteAllTextAsync(installation.Spool, "");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20)); // The service looks at it just now, and makes it again.
            }
        }
    }

    private async Task DatabaseAsync()
    {
        // Only what is meant to fail may fail: a stream that is open would be cut.
        (traffic.Streams, traffic.OutsiderStreams) = (false, false);
        await stage.UntilAsync(() => Task.FromResult(traffic.OpenStreams == 0));

        var stuck = Warning("SpoolStuck", "calendar_spool_depth", ("job", "calendar"), ("instance", _service));
        await stage.CauseAsync(
            "Postgres is stopped, in the middle of a publish now and then", async () =>
            {
                // What comes back has a broken file under one table.
                await installation.SqlAsync(
                    """
                    CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'io_error'; END $$;
                    CREATE TRIGGER broken BEFORE INSERT ON publish_intents EXECUTE FUNCTION broken();
                    """);
                await installation.Postgres.StopAsync();
            },
            Critical("StoreDown", "calendar_store_up", ("job", "calendar"), ("instance", _service)),
            Warning("FallbackActive", "gateway_fallbacks_total{route=\"calendar\"}", ("job", "gateway"), ("backend", "calendar"),
                ("from", "calendar"), ("route", "calendar")),
            stuck);
        await stage.ArrivalsAsync("StoreDown", "FallbackActive");
        await stage.MutedAsync(stuck, by: "StoreDown");

        traffic.Publishes = false;
        await stage.CauseAsync(
            "Postgres comes back, but its disk is broken under the intents: the spool cannot drain", installation.Postgres.StartAsync);
        await stage.MendAsync("At least everything else can be read and written", () => Task.CompletedTask, "StoreDown", "FallbackActive");
        await stage.ArrivalsAsync();
        await stage.MendAsync(
            "The disk is repaired", () => installation.SqlAsync("DROP TRIGGER broken ON publish_intents"), "SpoolStuck");
        await stage.EndsAsync("warning", "critical");
    }

    private async Task BackendsAsync()
    {
        // Else a page would come with the first warning, and mute it.
        await stage.QueryAsync(
            "nobody was left without an answer of late", "job:gateway_requests_unanswered:increase5m >= 1", holds: false);

        await stage.CauseAsync(
            "The calendar service is killed after eight publishes; the ninth is answered by the dry-run", async () =>
            {
                await RepeatAsync(8, () => traffic.PublishAsync("alice", "spring"));
                await installation.Service.KillAsync();
                await installation.BackendAsync("calendar", "unhealthy");
                await traffic.PublishAsync("alice", "spring");
            },
            Warning("BackendDown", "gateway_backend_up{backend=\"calendar\"}", ("job", "gateway"), ("backend", "calendar")),
            Warning("TargetDown", "up{job=\"calendar\"}", ("job", "calendar"), ("instance", _service)),
            Warning("PublishFailureRateHigh", "gateway_publish_requests_total{backend=\"dry-run\",reason=\"unhealthy\"}",
                ("job", "gateway")));
        await stage.ArrivalsAsync("BackendDown", "PublishFailureRateHigh warning");
        await stage.CauseAsync(
            "Legacy is stopped too; eight publishes more, and one every second, are answered by the dry-run", async () =>
            {
                traffic.Publishes = true;
                await installation.Legacy.StopAsync();
                await RepeatAsync(8, () => traffic.PublishAsync("alice", "spring"));
            },
            Critical(
                "BackendDown", "gateway_requests_total{backend=\"gateway\",code=\"5xx\"}", ("job", "gateway"), ("backend", "calendar")),
            Critical("BackendDown", "gateway_requests_total{backend=\"gateway\",code=\"5xx\"}", ("job", "gateway"), ("backend", "legacy")),
            Critical(
                "PublishFailureRateHigh", "gateway_publish_requests_total{backend=\"dry-run\",reason=\"unhealthy\"}", ("job", "gateway")));
        await stage.ArrivalsAsync();
        // One after the other: a warning that ended together with its page would end unheard.
        await stage.MendAsync("Legacy is started", installation.Legacy.StartAsync, "BackendDown critical");
        await stage.EndsAsync("BackendDown critical");
        await stage.MutedAsync(
            Warning("FallbackActive", "", ("job", "gateway"), ("backend", "calendar"), ("from", "calendar"), ("route", "export")),
            by: "BackendDown");
        await stage.MendAsync("The calendar service is started", async () =>
        {
            installation.StartService();
            await installation.ServiceReadyAsync();
        }, "BackendDown", "TargetDown", "PublishFailureRateHigh");
        await stage.EndsAsync("BackendDown", "TargetDown");
    }

    private async Task GatewaysAsync()
    {
        var (first, second) = (installation.Gateways[0], installation.Gateways[1]);
        await stage.CauseAsync(
            "The second gateway is killed", second.Process.KillAsync,
            Warning("TargetDown", "up", ("job", "gateway"), ("instance", second.Instance)));
        await stage.ArrivalsAsync();
        // What ends while a gateway's death mutes it ends unheard. The tickets came when the first warnings and pages were over.
        await stage.ArrivalsAsync("ticket");
        await stage.EndsAsync("PublishFailureRateHigh", "ticket");

        // What is kept quiet has to be something that fires.
        traffic.Streams = true;
        await stage.CauseAsync("The AI falls silent in every stream", () => Task.FromResult(installation.Ai.Replies(Stall())));
        var streams = Critical("CalendarSseErrorRateHigh", "", ("job", "gateway"));
        await stage.QueryAsync("streams fail again", streams.Selector, holds: true);

        await stage.CauseAsync(
            "The first gateway is killed as well", first.Process.KillAsync,
            Critical("GatewayDown", $"up{{instance=\"{first.Instance}\"}}", ("job", "gateway")));
        await stage.ArrivalsAsync();
        await stage.MutedAsync(streams, by: "GatewayDown");
        await stage.MutedAsync(Warning("TargetDown", "", ("job", "gateway"), ("instance", first.Instance)), by: "GatewayDown");

        await stage.MendAsync("The AI answers again, both gateways are started", async () =>
        {
            installation.Ai.Replies(GoodAnswer());
            installation.StartGateway(first);
            await installation.GatewayReadyAsync(first);
            installation.StartGateway(second);
            await installation.GatewayReadyAsync(second);
        }, "GatewayDown", "TargetDown");
    }

    private async Task LoseTokenAsync()
    {
        var without = _settings.Replace(
            "\"linkedin\": { \"AccessToken\": \"dry-run-sandbox-token\" }", "\"linkedin\": {}", StringComparison.Ordinal);
        if (without == _settings)
            throw new DrillException("The service's appsettings.json has no token for linkedin to take away.");
        await File.WriteAllTextAsync(installation.ServiceSettings, without);
        await PublishUntilAsync("links", "channel-auth");
        traffic.PublishesToo = ["links"];
    }

    /// <summary>Until the service's saved settings are in force.</summary>
    private async Task PublishUntilAsync(string calendar, string answer)
    {
        if (!await stage.UntilAsync(async () => (await traffic.PublishAsync("alice", calendar)).Contains(answer, StringComparison.Ordinal)))
            await stage.FailAsync($"a publish of {calendar} was never answered with {answer}");
    }

    private static async Task RepeatAsync(int times, Func<Task> action)
    {
        for (var i = 0; i < times; i++)
            await Traffic.TryAsync(action);
    }
}
