using Yarp.ReverseProxy.Configuration;

// What the gateway is measured against and with: `peers origin URL` answers, `peers bare URL ORIGIN` is YARP and nothing else.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[1]);
switch (args[0])
{
    case "origin":
        var origin = builder.Build();
        var body = new byte[1024];
        Array.Fill(body, (byte)'x');
        origin.Map("/{**rest}", (HttpContext context) =>
        {
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body.AsMemory());
        });
        await origin.RunAsync();
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
        throw new ArgumentException($"{args[0]}: origin or bare");
}
