using System.Net;

namespace Gateway.Smoke;

/// <summary>One smoke: finds out which of the two flags are on for the user, and checks what follows from that.</summary>
internal sealed class SmokeRun(SmokeOptions options, CancellationToken cancel) : IDisposable
{
    private readonly SmokeClient _client = new(options, cancel);
    private readonly AdminSmoke? _admin = options.Admin is null ? null : new(options);
    private SmokeAnswer _first = null!;

    public SmokeReport Report { get; } = new(cancel);

    public SmokeExpectation Expected { get; private set; }

    /// <exception cref="SmokeImpossibleException">It cannot begin.</exception>
    public async Task RunAsync()
    {
        var (gatewayLogs, serviceLogs) = (new LogSmoke(options.GatewayLogs), new LogSmoke(options.ServiceLogs));
        Expected = options.Expect;
        var seen = await ReadFlagsAsync();
        if (Expected == SmokeExpectation.Auto)
            Expected = seen;
        if (_admin is not null)
            await AdminAsync(_admin);

        var off = new OffSmoke(_client, Report, options);
        var calendar = new CalendarSmoke(_client, Report, options);
        var publish = new PublishSmoke(_client, Report, options, calendar.LoadAsync);
        if (Expected == SmokeExpectation.Off)
        {
            await off.CalendarAsync();
        }
        else
        {
            await calendar.FindAsync();
            await calendar.RunAsync(Expected == SmokeExpectation.On ? await publish.ChannelsAsync() : Channels());
        }

        await (Expected == SmokeExpectation.On ? publish.RunAsync() : off.PublishAsync());
        await calendar.UndoAsync();
        if (Expected != SmokeExpectation.Off)
            await OutsideAsync();
        await Report.CheckAsync("headers", () => Task.FromResult(Headers()));
        var served = _client.Answers.Where(a => a.ServedBy == "calendar").ToArray();
        await LogsAsync(
            "gateway-logs", options.GatewayLogs, _client.Answers, () => gatewayLogs.CheckAsync(_client.Answers, null, 0, cancel));
        await LogsAsync(
            "service-logs", options.ServiceLogs, served, () => serviceLogs.CheckAsync(served, publish.Published, publish.Intents, cancel));
    }

    public void Dispose()
    {
        _client.Dispose();
        _admin?.Dispose();
    }

    private async Task<SmokeExpectation> ReadFlagsAsync()
    {
        _first = await ReachAsync();
        if (_admin is not null)
            await _admin.StatusAsync(cancel);
        if (options.Expect != SmokeExpectation.Auto)
            return options.Expect;
        var publish = await _client.GetAsync("/api/publish/channels");
        foreach (var answer in (SmokeAnswer[])[_first, publish])
        {
            if (answer.Reason == "outside-cohort")
                throw new SmokeImpossibleException(
                    $"{options.User} is outside the cohort ({answer.Asked}: {answer.Summary}). "
                    + "Name a user or a group of the canary, or say what to --expect");
        }

        return (_first.Reason == "flag-off", publish.Reason == "flag-off") switch
        {
            (true, true) => SmokeExpectation.Off,
            (false, true) => SmokeExpectation.Calendar,
            (false, false) => SmokeExpectation.On,
            _ => throw new SmokeImpossibleException(
                "PUBLISH_SERVICE_ENABLED is on and CALENDAR_SERVICE_ENABLED is off: there is nothing saved to publish. "
                + "Say what to --expect"),
        };
    }

    private async Task<SmokeAnswer> ReachAsync()
    {
        SmokeAnswer answer;
        try
        {
            answer = await _client.GetAsync("/api/calendar");
        }
        catch (Exception error) when (error is HttpRequestException or SmokeFailedException)
        {
            throw new SmokeImpossibleException($"{options.Url} cannot be reached: {error.Message}");
        }

        if (answer.ServedBy is null)
            throw new SmokeImpossibleException($"{options.Url} is not the gateway's public listener: {(int)answer.Status}, no X-Served-By");
        if (answer.Status == HttpStatusCode.Unauthorized && answer.ServedBy == "gateway")
            throw new SmokeImpossibleException($"the gateway does not accept the credentials of {options.User}: {answer.Body}");
        return answer;
    }

    private async Task AdminAsync(AdminSmoke admin)
    {
        await Report.CheckAsync("configuration", () => admin.ConfigurationAsync(cancel));
        await Report.CheckAsync("backends", () => admin.BackendsAsync(cancel));
        await Report.CheckAsync("explain", () => admin.ExplainAsync(_first, cancel));
    }

    private async Task OutsideAsync()
    {
        if (options.Outside is null)
        {
            Report.Skip("outside", "no user outside the cohort was named with --outside");
            return;
        }

        await Report.CheckAsync("outside", async () =>
        {
            var calendar = (await _client.GetOutsideAsync("/api/calendar")).By("outside-cohort", "legacy");
            var export = await _client.GetOutsideAsync($"/api/calendar/{options.CalendarId}/export");
            export.By(Expected == SmokeExpectation.On ? "outside-cohort" : "flag-off", "dry-run");
            return $"{options.Outside}: calendar {calendar.Summary}; export {export.Summary}";
        });
    }

    private string Headers()
    {
        var names = (string[])["X-Request-Id", "X-Served-By", "X-Route-Reason"];
        foreach (var answer in _client.Answers)
        {
            if (names.FirstOrDefault(n => string.IsNullOrEmpty(answer.Header(n))) is { } missing)
                throw new SmokeFailedException($"{answer.Asked}: no {missing}");
            if (answer.Header("X-Request-Id") != answer.SentId)
                throw new SmokeFailedException($"{answer.Asked}: sent request id {answer.SentId}, got {answer.Header("X-Request-Id")}");
        }

        return $"{string.Join(", ", names)} on all of {_client.Answers.Count} answers, {_client.RunName}-01 to -{_client.Answers.Count:00}";
    }

    private async Task LogsAsync(string name, IReadOnlyList<string> files, IReadOnlyList<SmokeAnswer> answers, Func<Task<string>> check)
    {
        if (files.Count == 0)
            Report.Skip(name, $"no log file was named with --{name}");
        else if (answers.Count == 0)
            Report.Skip(name, "the service answered none of these requests");
        else
            await Report.CheckAsync(name, check);
    }

    private IReadOnlyList<string> Channels() => options.Channels.Count > 0 ? options.Channels : [.. SmokePlan.TextChannels.Take(2)];
}
