using System.Globalization;
using AllocationsBench;
using Costs;

const int Exchanges = 60_000;
const int WarmUps = 3_000;
var frames = 4;
var name = args.Length > 0 ? args[0] : "get";
if (args.Length > 1)
    frames = int.Parse(args[1], CultureInfo.InvariantCulture);
var directory = Directory.CreateTempSubdirectory("allocations-");
try
{
    await using var gateway = await CountedGateway.StartAsync();
    Cost cost;
    using (var counter = new Counter(gateway))
        cost = counter.Count([name])[0];
    using var traffic = Traffic.Cases[name](gateway);
    Exchange(WarmUps);
    var samples = await Sampling.RunAsync(directory.FullName, () => Exchange(Exchanges));
    await Report.WriteAsync(Console.Error, cost, samples, Exchanges, frames);

    void Exchange(int times)
    {
        for (var i = 0; i < times; i++)
            traffic.Exchange(pauses: false);
    }
}
finally
{
    directory.Delete(recursive: true);
}
