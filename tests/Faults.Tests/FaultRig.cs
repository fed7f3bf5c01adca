using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Faults.Tests;

/// <summary>A gateway with a fault proxy before each of its backends, and requests that are watched from every side.</summary>
internal sealed class FaultRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Watched =
        ["gateway_requests_total", "gateway_fallbacks_total", "gateway_sse_streams_total", "gateway_publish_requests_total"];

    private TaskCompletionSource _secondPart = new();
    private MetricsPage? _metrics;

    private FaultRig()
    {
    }

    public required StubBackend Calendar { get; init; }

    public required StubBackend Legacy { get; init; }

    public required FaultProxy BeforeCalendar { get; init; }

    public required FaultProxy BeforeLegacy { get; init; }

    public required GatewayHarness Gateway { get; init; }

    /// <param name="impatient">With timeouts so short that a test can wait for them.</param>
    public static async Task<FaultRig> StartAsync(string upstream, bool impatient, Action<GatewaySetup>? more = null)
    {
        var http2 = upstream == "h2c";
        var protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        var (calendar, legacy) = (await StubBackend.StartAsync("calendar", protocols), await StubBackend.StartAsync("legacy", protocols));
        var (beforeCalendar, beforeLegacy) = (FaultProxy.Start(calendar.Address, http2), FaultProxy.Start(legacy.Address, http2));
        var setup = new GatewaySetup().Open()
            // The table is about single requests: no circuit and no budget carries one cell into the next.
            .Option("Upstream:Circuit:MinimumThroughput", "1000000")
            .Option("Fallback:ReplaysPerSecond", "1000000")
            .Option("Upstream:ConnectTimeout", "00:00:00.300")
            .Edit(config =>
            {
                Point(config, "calendar", beforeCalendar, http2, impatient);
                Point(config, "legacy", beforeLegacy, http2, impatient);
            });
        if (impatient)
            setup.Option("Streams:IdleLimit", "00:00:00.400");
        more?.Invoke(setup);
        var rig = new FaultRig
        {
            Calendar = calendar, Legacy = legacy, BeforeCalendar = beforeCalendar, BeforeLegacy = beforeLegacy,
                Gateway = await setup.StartAsync(),
        };
        calendar.Answers(context => rig.AnswerInTwoPartsAsync(context, "calendar"));
        legacy.Answers(context => rig.AnswerInTwoPartsAsync(context, "legacy"));
        return rig;
    }

    public async Task<FaultOutcome> RunAsync(FaultCell cell)
    {
        var proxy = cell.Request.Cluster == "legacy" ? BeforeLegacy : BeforeCalendar;
        var inBody = cell.Point == FaultPoint.InBody;
        var before = _metrics ?? await Gateway.MetricsAsync();
        var sent = (Calendar.Requests.Count, Legacy.Requests.Count);
        _secondPart = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await proxy.SwitchAsync(inBody ? Fault.None : cell.Fault);
        if (!inBody)
            _secondPart.SetResult();

        using var answer = await Gateway.Client.SendAsync(RequestOf(cell.Request), HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(Patience);
        var body = new StringBuilder();
        var whole = await ReadAsync(answer, body, firstPart: () =>
        {
            if (inBody)
                proxy.Strike(cell.Fault);
            _secondPart.TrySetResult();
        });
        var line = await Gateway.Logs.CompletionAsync(answer);
        await proxy.SwitchAsync(Fault.None);
        return await JudgeAsync(cell, answer, body.ToString(), whole, line, before, sent);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await BeforeCalendar.DisposeAsync();
        await BeforeLegacy.DisposeAsync();
        await Calendar.DisposeAsync();
        await Legacy.DisposeAsync();
    }

    private static void Point(ConfigDirectory config, string cluster, FaultProxy proxy, bool http2, bool impatient)
    {
        var settings = config.Clusters[cluster]!.AsObject();
        settings["Destinations"]![$"{cluster}-1"]!["Address"] = proxy.Address.ToString();
        var request = new JsonObject();
        if (http2)
            (request["Version"], request["VersionPolicy"]) = ("2", "RequestVersionExact");
        if (impatient)
            request["ActivityTimeout"] = "00:00:01.200";
        settings["HttpRequest"] = request;
    }

    private static HttpRequestMessage RequestOf(FaultRequest r) => GatewayHarness.Request(
        new HttpMethod(r.Method), r.Path, FaultRequest.User,
        r.Body is null ? null : new StringContent(r.Body, Encoding.UTF8, "application/json"));

    /// <summary>Reads to the end; false when the connection was cut before it.</summary>
    private static async Task<bool> ReadAsync(HttpResponseMessage answer, StringBuilder body, Action firstPart)
    {
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync();
            var buffer = new byte[4096];
            for (var first = true; await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience) is var read and > 0; first = false)
            {
                body.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (first)
                    firstPart();
            }

            return true;
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            return false;
        }
    }

    private async Task AnswerInTwoPartsAsync(HttpContext context, string name)
    {
        var stream = context.Request.Path.Value!.EndsWith("/generate", StringComparison.Ordinal);
        var body = stream
            ? "id: 1\nevent: meta\ndata: {\"type\":\"meta\",\"seq\":1}\n\nid: 2\nevent: entry\ndata: {\"type\":\"entry\",\"seq\":2,\"entry\":{}}\n\n"
                + "id: 3\nevent: done\ndata: {\"type\":\"done\",\"seq\":3,\"finishReason\":\"complete\"}\n\n"
            : $$"""{"backend":"{{name}}","padding":"{{new string('.', 200)}}"}""";
        var half = body.Length / 2;
        if (stream)
            context.Response.ContentType = "text/event-stream";
        else
            (context.Response.ContentType, context.Response.ContentLength) = ("application/json", body.Length);
        await context.Response.WriteAsync(body[..half]);
        await context.Response.Body.FlushAsync();
        await _secondPart.Task.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await context.Response.WriteAsync(body[half..]);
    }

    private async Task<FaultOutcome> JudgeAsync(
        FaultCell cell, HttpResponseMessage answer, string body, bool whole, JsonElement line, MetricsPage before,
        (int Calendar, int Legacy) sent)
    {
        var after = _metrics = await Gateway.MetricsAsync();
        var route = cell.Request.Route;
        var reason = answer.Reason()!;
        // The three accounts of one request have to agree: header, log line, counter.
        Assert.Equal((route, answer.ServedBy(), reason), (
            line.GetProperty("route").GetString(), line.GetProperty("backend").GetString(), line.GetProperty("reason").GetString()));
        Assert.Equal(FaultRequest.User, line.GetProperty("userId").GetString());
        var values = Series(before);
        var risen = Series(after).Values.Select(s => (Sample: s, By: s.Value - (values.TryGetValue(KeyOf(s), out var b) ? b.Value : 0)))
            .Where(s => s.By > 0).OrderBy(s => KeyOf(s.Sample), StringComparer.Ordinal).ToArray();
        var counted = Assert.Single(risen, r => r.Sample.Name == Watched[0]);
        Assert.Equal((1, route, answer.ServedBy(), reason), (
            counted.By, counted.Sample.Labels["route"], counted.Sample.Labels["backend"], counted.Sample.Labels["reason"]));
        Assert.Equal($"{(int)answer.StatusCode / 100}xx", counted.Sample.Labels["code"]);
        Assert.Equal(0, after.Value("gateway_sse_streams_active"));

        return new(
            Saw(cell, answer, body, whole), answer.ServedBy()!, reason, answer.ProxyStatus() ?? "-",
            LogOf(line, answer.RequestId()),
            string.Join(", ", risen.Where(r => r.Sample.Name != Watched[0]).Select(Describe)) is { Length: > 0 } m ? m : "-",
            $"{Calendar.Requests.Count - sent.Calendar} + {Legacy.Requests.Count - sent.Legacy}");
    }

    private string LogOf(JsonElement completion, string requestId)
    {
        var warnings = Gateway.Logs.Of(requestId)
            .Where(l => l.GetProperty("level").GetString() is not "information")
            .Select(l => l.GetProperty("message").GetString()!.Split(':')[0]);
        return string.Join(", ", (string[])[completion.GetProperty("status").GetString()!, .. warnings]);
    }

    private static Dictionary<string, Sample> Series(MetricsPage page) =>
        page.Samples.Where(s => Watched.Contains(s.Name)).ToDictionary(KeyOf, StringComparer.Ordinal);

    private static string KeyOf(Sample sample) =>
        sample.Name + string.Concat(sample.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $" {l.Key}={l.Value}"));

    private static string Describe((Sample Sample, double By) risen)
    {
        Assert.Equal(1, risen.By);
        var l = risen.Sample.Labels;
        return risen.Sample.Name switch
        {
            "gateway_fallbacks_total" => $"fallback {l["from"]} → {l["to"]} {l["reason"]}",
            "gateway_sse_streams_total" => $"stream {l["backend"]} {l["outcome"]}",
            _ => $"publish {l["backend"]} {l["outcome"]}",
        };
    }

    private static string Saw(FaultCell cell, HttpResponseMessage answer, string body, bool whole)
    {
        var status = (int)answer.StatusCode;
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (type == "application/problem+json")
            return $"{status} {JsonDocument.Parse(body).RootElement.GetProperty("code").GetString()}";
        if (!whole)
            return $"{status} cut";
        if (type != "text/event-stream")
            return $"{status} {(body.Contains("dryRun", StringComparison.Ordinal) ? "dry run" : "whole")}";
        var events = System.Net.ServerSentEvents.SseParser.Create(new MemoryStream(Encoding.Latin1.GetBytes(body))).Enumerate().ToArray();
        var done = Assert.Single(events, e => e.EventType == "done");
        Assert.Same(done.Data, events[^1].Data);
        var error = events.FirstOrDefault(e => e.EventType == "error");
        var code = error.Data is null ? "" : JsonDocument.Parse(error.Data).RootElement.GetProperty("code").GetString() + " ";
        return $"{status} {code}done {JsonDocument.Parse(done.Data).RootElement.GetProperty("finishReason").GetString()}";
    }
}
