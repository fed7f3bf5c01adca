using System.Globalization;
using Gateway.Exchanges;
using Gateway.Telemetry;
using ServiceDefaults.Correlation;
using ServiceDefaults.Times;
using ServiceDefaults.Wire;

namespace Gateway.DryRun;

/// <summary>A generation stream with placeholder posts, in the frames and limits of the real one (docs/contract.md section 6).</summary>
internal sealed class GenerateDryRun(GatewayMetrics metrics, TimeProvider clock)
{
    private static readonly TimeSpan FirstPost = TimeSpan.FromHours(9);
    private static readonly TimeSpan PostingDay = TimeSpan.FromHours(10);

    public async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await DryRunResponder.WrongMethodAsync(context, "POST");
            return;
        }

        using var request = await DryRunRequest.ReadAsync(context);
        if (request is null)
            return;
        var plan = Read(request);
        if (!request.IsValid)
        {
            await request.RefuseAsync(context);
            return;
        }

        var fields = context.GetExchange().Fields;
        (fields.CalendarId, fields.RunId, fields.Channel) = (plan.CalendarId, plan.RunId, string.Join(',', plan.Channels));
        await StreamAsync(context, plan, fields.RequestId);
    }

    private async Task StreamAsync(HttpContext context, Plan plan, string requestId)
    {
        var exchange = context.GetExchange();
        exchange.Stream = new StreamProgress();
        metrics.StreamOpened(exchange.RouteId, exchange.ServedBy);
        context.Response.ContentType = StreamFrameWriter.ContentType;
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        context.Response.Headers["X-Accel-Buffering"] = "no";

        var seq = 0L;
        var output = context.Response.BodyWriter;
        StreamFrameWriter.Write(output, new MetaFrame(++seq, plan.CalendarId, plan.RunId, requestId, DryRun: true));
        await output.FlushAsync(context.RequestAborted);
        exchange.Stream.SawEvent(clock.GetTimestamp());
        var entries = 0;
        foreach (var entry in plan.Entries())
        {
            StreamFrameWriter.Write(output, new EntryFrame(++seq, entry));
            entries++;
        }

        StreamFrameWriter.Write(output, new DoneFrame(
            ++seq, "complete", Partial: false, "Dry run: placeholder posts, nothing was saved.", entries, plan.CalendarId, plan.RunId,
            requestId, ElapsedMs: 0, DryRun: true));
        await output.FlushAsync(context.RequestAborted);
        exchange.Stream.End(StreamOutcome.Completed);
    }

    private static Plan Read(DryRunRequest request) => new(
        request.Text("calendarId", required: false, maxLength: 64) ?? request.Id("calendar"),
        request.Id("run"),
        request.Text("brief", required: true, maxLength: 20_000) ?? "",
        request.Date("startDate"),
        request.Number("days", 1, 90),
        request.Number("postsPerDay", 1, 5),
        request.Texts("channels", required: true, max: 10),
        request.Zone("timezone"));

    private sealed record Plan(
        string CalendarId, string RunId, string Brief, DateOnly StartDate, int Days, int PostsPerDay, IReadOnlyList<string> Channels,
        string Zone)
    {
        public IEnumerable<Entry> Entries()
        {
            for (var day = 0; day < Days; day++)
            {
                for (var slot = 1; slot <= PostsPerDay; slot++)
                    yield return Post(StartDate.AddDays(day), slot);
            }
        }

        private Entry Post(DateOnly date, int slot)
        {
            var wall = date.ToDateTime(TimeOnly.MinValue) + FirstPost + (PostingDay / PostsPerDay * (slot - 1));
            var id = string.Create(CultureInfo.InvariantCulture, $"{date:yyyy-MM-dd}-{slot}");
            return new(
                id, Zones.AtWall(wall, Zone), Zone, Channels, "draft",
                $"[dry-run] Post {slot} of {date:yyyy-MM-dd}: {(Brief.Length > 80 ? Brief[..80] : Brief)}",
                null, [], [], [], 1);
        }
    }
}
