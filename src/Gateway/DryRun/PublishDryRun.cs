using Gateway.Exchanges;
using ServiceDefaults.Problems;

namespace Gateway.DryRun;

/// <summary>
/// Publish answers in the service's shape. No row is written, so the outcome is never the service's own word for success.
/// </summary>
internal sealed partial class PublishDryRun(ILogger<PublishDryRun> logger)
{
    public const string Outcome = "dry_run";

    private const string UnknownChannel = "dry-run";

    public Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimEnd('/').ToLowerInvariant();
        var read = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return path switch
        {
            "/api/publish" when HttpMethods.IsPost(context.Request.Method) => PublishAsync(context),
            "/api/publish" => DryRunResponder.WrongMethodAsync(context, "POST"),
            "/api/publish/intents" when read => context.Response.WriteAsJsonAsync(
                new { items = Array.Empty<object>(), nextCursor = (string?)null, dryRun = true }, context.RequestAborted),
            // An array by contract, so there is no member to say dryRun in; empty says that nothing is known here.
            "/api/publish/channels" when read => context.Response.WriteAsJsonAsync(Array.Empty<object>(), context.RequestAborted),
            "/api/publish/intents" or "/api/publish/channels" => DryRunResponder.WrongMethodAsync(context, "GET, HEAD"),
            _ => Problem.For(context, StatusCodes.Status404NotFound).WriteAsync(context),
        };
    }

    private async Task PublishAsync(HttpContext context)
    {
        using var request = await DryRunRequest.ReadAsync(context);
        if (request is null)
            return;
        var calendarId = request.Text("calendarId", required: true, maxLength: 64);
        var runId = request.Text("runId", required: false, maxLength: 64);
        var entryIds = request.Texts("entryIds", required: false, max: 1000);
        var dryRun = request.Flag("dryRun");
        if (!request.IsValid)
        {
            await request.RefuseAsync(context);
            return;
        }

        var fields = context.GetExchange().Fields;
        (fields.CalendarId, fields.RunId) = (calendarId, runId);
        if (dryRun == false)
        {
            await Problem.For(
                context, StatusCodes.Status422UnprocessableEntity, "live-publish-unavailable",
                "Only dryRun: true can be published.").WriteAsync(context);
            return;
        }

        var intents = entryIds.Select(entryId =>
            new { intentId = request.Id($"intent {entryId}"), entryId, channel = UnknownChannel, status = "dry_run_ok" }).ToArray();
        if (intents.Length > 0)
            fields.Channel = UnknownChannel;
        foreach (var intent in intents)
            LogIntent(intent.intentId, intent.entryId, intent.channel, intent.status);
        await context.Response.WriteAsJsonAsync(
            new
            {
                calendarId, runId, dryRun = true, outcome = Outcome,
                message = "Dry run: the publish service was not asked and nothing was recorded.", intents,
            },
            context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Information, "Intent {IntentId} of entry {EntryId} for {Channel}: {Status}, not recorded")]
    private partial void LogIntent(string intentId, string entryId, string channel, string status);
}
