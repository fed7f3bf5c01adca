using System.Globalization;
using Peers;

// What the gateway is overloaded with: `peers slow URL` is a backend of limited capacity, `peers overload URL SECONDS` offers it more
// than that.
switch (args[0])
{
    case "slow":
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(args[1]);
        var slow = builder.Build();
        slow.MapSlowBackend();
        await slow.RunAsync();
        break;
    case "overload":
        await Overload.MeasureAsync(new Uri(args[1]), int.Parse(args[2], CultureInfo.InvariantCulture));
        break;
    default:
        throw new ArgumentException($"{args[0]}: slow or overload");
}
