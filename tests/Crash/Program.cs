using System.CommandLine;

namespace Crash;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var seed = new Option<int>("--seed") { Description = "Decides what fault comes when; a random one by default" };
        seed.DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000);
        var minutes = new Option<double>("--minutes")
        {
            Description = "How long clients and faults are at work",
            DefaultValueFactory = _ => 1,
        };
        var replicas = new Option<int>("--replicas") { Description = "Calendar services on one Postgres", DefaultValueFactory = _ => 2 };
        var clients = new Option<int>("--clients") { Description = "Clients at the same time", DefaultValueFactory = _ => 12 };
        var folder = new Option<string?>("--folder") { Description = "Where logs and spools go and stay; a temporary folder by default" };
        var program = new Option<string>("--program")
        {
            Description = "The calendar service's dll: another one than was built with this",
            DefaultValueFactory = _ => ServiceProgram(),
        };
        var quiet = new Option<bool>("--quiet") { Description = "The table only" };
        var root = new RootCommand(
            "Crashes calendar services under load, and compares what they acknowledged with the tables. Exits 1 on any difference.")
        {
            seed, minutes, replicas, clients, folder, program, quiet,
        };
        Positive(minutes, 0.05);
        Positive(replicas, 2);
        Positive(clients, 1);
        folder.Validators.Add(result =>
        {
            // Spools of an earlier run would be replayed into the tables of this one.
            if (result.GetValueOrDefault<string?>() is { } path && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path)
                .Any())
                result.AddError($"--folder has to be empty; {path} is not.");
        });
        root.SetAction((parsed, cancel) => RunAsync(
            new(Path.GetFullPath(parsed.GetValue(program)!), parsed.GetValue(folder) ?? Directory.CreateTempSubdirectory("crash-").FullName,
                parsed.GetValue(seed),
                TimeSpan.FromMinutes(parsed.GetValue(minutes)))
            {
                Replicas = parsed.GetValue(replicas),
                Clients = parsed.GetValue(clients),
                Tell = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine,
            },
            keepFolder: parsed.GetValue(folder) is not null, cancel));
        // Whoever interrupts it waits until the fault at work is mended: no process of ours stays behind.
        return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
    }

    private static async Task<int> RunAsync(CrashOptions options, bool keepFolder, CancellationToken cancel)
    {
        Directory.CreateDirectory(options.Folder);
        var verdict = await CrashRig.RunAsync(options, cancel);
        await Console.Out.WriteAsync(verdict.ToString());
        if (verdict.Findings.Count > 0)
            await Console.Out.WriteLineAsync($"Logs and spools: {options.Folder}");
        else if (!keepFolder)
            Directory.Delete(options.Folder, recursive: true);
        return verdict.Findings.Count == 0 ? 0 : 1;
    }

    private static void Positive<T>(Option<T> option, T least)
        where T : IComparable<T> => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>()!.CompareTo(least) < 0)
            result.AddError($"{option.Name} has to be at least {least}.");
    });

    // tests/Crash/bin/Release/net10.0 and src/CalendarService/bin/Release/net10.0 end alike.
    private static string ServiceProgram() => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/CalendarService/bin",
        Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "../.."), AppContext.BaseDirectory), "CalendarService.dll"));
}
