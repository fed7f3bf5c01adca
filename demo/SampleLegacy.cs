using System.Text.Json.Nodes;
using ServiceDefaults.Wire;

namespace Demo;

/// <summary>
/// Stands in for the reader's own legacy system: a content calendar that has always been there and knows nothing of the move.
/// </summary>
internal static class SampleLegacy
{
    public static async Task<WebApplication> StartAsync(string url, CancellationToken cancel)
    {
        // Settings are the demo's own, not those of a folder where it happens to be started.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        app.MapPost("/api/calendar/generate", GenerateAsync);
        app.MapGet("/api/calendar", () => new { backend = "legacy", items = Array.Empty<object>() });
        app.Map("/{**rest}", (HttpRequest request) => new { backend = "legacy", method = request.Method, path = request.Path.Value });
        await app.StartAsync(cancel);
        return app;
    }

    private static async Task GenerateAsync(HttpContext context)
    {
        var calendarId = (await JsonNode.ParseAsync(context.Request.Body))?["calendarId"]?.GetValue<string>() ?? "legacy-calendar";
        context.Response.ContentType = StreamFrameWriter.ContentType;
        var requestId = context.Request.Headers["X-Request-Id"].ToString();
        var entry = new Entry(
            "legacy-1", new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero), "Etc/UTC", ["facebook"], "draft",
            "A post as the legacy backend has always written it.", null, [], [], [], 1);
        var output = context.Response.BodyWriter;
        StreamFrameWriter.Write(output, new MetaFrame(1, calendarId, "legacy-run", requestId, DryRun: false));
        StreamFrameWriter.Write(output, new EntryFrame(2, entry));
        StreamFrameWriter.Write(output, new DoneFrame(
            3, "complete", Partial: false, null, 1, calendarId, "legacy-run", requestId, 0, DryRun: false));
        await output.FlushAsync(context.RequestAborted);
    }
}
