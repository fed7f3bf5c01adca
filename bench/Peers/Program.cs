using System.Globalization;
using Peers;
using Yarp.ReverseProxy.Configuration;

// What the gateway is measured against and with: `peers origin URL` answers, `peers bare URL ORIGIN` is YARP and nothing else,
// `peers slow URL` is a backend of limited capacity, `peers overload URL SECONDS` offers it more than that,
// `peers first-event DIRECT THROUGH COUNT` times the first event of a stream on both ways, in turns.
if (args[0] == "first-event")
{
    await FirstEvent.CompareAsync(new Uri(args[1]), new Uri(args[2]), int.Parse(args[3], CultureInfo.InvariantCulture));
    return;
}

if (args[0] == "overload")
{
    await Overload.MeasureAsync(new Uri(args[1]), int.Parse(args[2], CultureInfo.InvariantCulture));
    return;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[1]);
switch (args[0])
{
    case "origin":
        var origin = builder.Build();
        var body = new byte[1024];
        Array.Fill(body, (byte)'x');
        origin.Map("/api/calendar/generate", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("id: 1\nevent: meta\ndata: {}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(5); // The client has read the first event by the time the last is written.
            await context.Response.WriteAsync("id: 2\nevent: done\ndata: {\"finishReason\":\"complete\"}\n\n");
        });
        origin.Map("/{**rest}", (HttpContext context) =>
        {
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body.AsMemory());
        });
        await origin.RunAsync();
        break;
    case "slow":
        var slow = builder.Build();
        slow.MapSlowBackend();
        await slow.RunAsync();
        break;
    case "bare":
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "origin", Match = new RouteMatch { Path = "/{**rest}" } }],
            [new ClusterConfig
            {
                ClusterId = "origin",
                Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["o"] = new() { Address = args[2] } },
            }]);
        var bare = builder.Build();
        bare.MapReverseProxy();
        await bare.RunAsync();
        break;
    default:
        throw new ArgumentException($"{args[0]}: origin, slow or bare");
}
