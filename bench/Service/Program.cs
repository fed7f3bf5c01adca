using System.Globalization;
using ServiceBench;

// The calendar service and a Postgres, both real processes, side by side with the least that could do the same work:
// `publish ROUNDS SECONDS`, `spool SECONDS`, `load SECONDS`, `generations COUNT`. The scripts beside this folder start it.
int Number(int place, int otherwise) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;

switch (args.FirstOrDefault())
{
    case "publish":
        await PublishBench.RunAsync(rounds: Number(1, 5), seconds: Number(2, 5));
        break;
    case "spool":
        await SpoolBench.RunAsync(seconds: Number(1, 10));
        break;
    case "load":
        await LoadBench.RunAsync(rounds: Number(1, 3), seconds: Number(2, 5));
        break;
    case "generations":
        await GenerationsBench.RunAsync(count: Number(1, 1_000));
        break;
    default:
        await Console.Error.WriteLineAsync("publish [ROUNDS] [SECONDS] | spool [SECONDS] | load [ROUNDS] [SECONDS] | generations [COUNT]");
        return 2;
}

return 0;
