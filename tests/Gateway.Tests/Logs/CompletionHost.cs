using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Completion;
using ServiceDefaults.Correlation;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Logging;

namespace Gateway.Tests.Logs;

/// <summary>A program with nothing but the shared completion and one endpoint for each way in which a request can end.</summary>
internal sealed class CompletionHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LogLines _logs;
    private readonly TaskCompletionSource _headRead;

    private CompletionHost(WebApplication app, LogLines logs, TaskCompletionSource headRead)
    {
        (_app, _logs, _headRead) = (app, logs, headRead);
        // What the completion line is to say, said by a logger of its name.
        app.MapGet("/any/{**rest}", (HttpContext context, ILoggerFactory loggers) =>
        {
            var fields = context.Features.GetRequiredFeature<RequestFields>();
            (fields.UserId, fields.Channel, fields.CalendarId, fields.RunId) = (Next!.UserId, Next.Channel, Next.CalendarId, Next.RunId);
            (fields.Route, fields.Backend, fields.Reason, fields.Outcome) = (Next.Route, Next.Backend, Next.Reason, Next.Outcome);
#pragma warning disable CA1848, CA2254 // Once a test.
            loggers.CreateLogger("Serilog.AspNetCore.RequestLoggingMiddleware").LogInformation(
                CompletionExtensions.Template, context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().Path, 200,
                fields.Backend, 1.5, "200", fields.Route, fields.Reason, fields.Outcome);
#pragma warning restore CA1848, CA2254
        });
        // A client that leaves is gone at once, not after two seconds of reading on.
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = new Uri(app.Urls.Single()),
        };
    }

    public HttpClient Client { get; }

    /// <summary>What the next request of <c>/any</c> has in its fields.</summary>
    public RequestFields? Next { get; set; }

    public static async Task<CompletionHost> StartAsync(string program = "test", params (string Key, string Value)[] settings)
    {
        var logs = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddJsonLogs(program, logs);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value, StringComparer.Ordinal));
        builder.Services.AddSingleton(TimeProvider.System);
        var app = builder.Build();
        var headRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.UseRequestCompletion();
        MapEndings(app, headRead.Task);
        await app.StartAsync();
        return new(app, logs, headRead);
    }

    /// <summary>Lets <c>/aborts</c> go on: a reset that overtakes the head would be another case.</summary>
    public void HeadIsRead() => _headRead.SetResult();

    /// <summary>Stops the program, so that nothing is still to be written.</summary>
    /// <returns>Every line of this request.</returns>
    public async Task<IReadOnlyList<JsonElement>> StopAndReadAsync(string requestId)
    {
        await DisposeAsync();
        return _logs.Of(requestId);
    }

    /// <summary>Stops the program, so that nothing is still to be written.</summary>
    public async Task<IReadOnlyList<JsonElement>> StopAndReadAllAsync()
    {
        await DisposeAsync();
        return [.. _logs.Raw.Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The one completion line of a request, as it was written.</summary>
    public string RawCompletion(string requestId) => Assert.Single(
        _logs.Raw, line => line.Contains($"\"requestId\":\"{requestId}\"", StringComparison.Ordinal)
            && line.Contains("\"durationMs\":", StringComparison.Ordinal));

    public static HttpRequestMessage Request(string path, string requestId) => new(HttpMethod.Get, path)
    {
        Headers = { { RequestId.Header, requestId } },
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void MapEndings(WebApplication app, Task headRead)
    {
        app.MapGet("/labelled", (HttpContext context) =>
        {
            var fields = context.Features.GetRequiredFeature<RequestFields>();
            (fields.Route, fields.Backend, fields.Reason, fields.Outcome) = ("a-route", "a-backend", "in-cohort", "ok");
            (fields.UserId, fields.Channel, fields.CalendarId, fields.RunId) = ("ada", "x,linkedin", "spring", "r1");
            return "here";
        });
        app.MapGet("/", () => "here");
        app.MapGet("/probe", () => "well").AsProbe();
        app.MapGet("/failing-probe", () => Results.StatusCode(StatusCodes.Status503ServiceUnavailable)).AsProbe();
        app.MapGet("/throws", void () => throw new InvalidOperationException("before the head"));
        app.MapGet("/throws-after-length", void (HttpContext context) =>
        {
            context.Response.ContentLength = 3;
            throw new InvalidOperationException("before the head");
        });
        app.MapGet("/refuses", void () => throw new BadHttpRequestException("Too much of it.", StatusCodes.Status413PayloadTooLarge));
        app.MapGet("/aborts", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("half an answer");
            await context.Response.Body.FlushAsync();
            await headRead;
            throw new InvalidOperationException("after the head");
        });
        app.MapGet("/waits", async (HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted));
    }
}
