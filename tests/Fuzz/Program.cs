using System.CommandLine;
using System.Globalization;

namespace Fuzz;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var seed = new Option<int>("--seed")
        {
            Description = "Decides every request; a random one by default",
            DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000),
        };
        var minutes = new Option<double>("--minutes") { Description = "How long", DefaultValueFactory = _ => 60 };
        var clients = new Option<int>("--clients") { Description = "Requests at the same time", DefaultValueFactory = _ => 8 };
        var only = new Option<int?>("--only") { Description = "The number of one request, to send it again" };
        var folder = new Option<string>("--folder") { Description = "Where findings are kept", DefaultValueFactory = _ => "fuzz-findings" };
        var root = new RootCommand(
            "Sends both programs requests that are wrong in some way. Exits 1 on a 5xx that is not documented, a hang, two heads, a stack "
            + "trace, or a planted secret in a log line.")
        {
            seed, minutes, clients, only, folder,
        };
        root.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(seed), TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(clients), parsed.GetValue(only),
            parsed.GetValue(folder)!, cancel));
        return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
    }

    private static async Task<int> RunAsync(int seed, TimeSpan time, int clients, int? only, string folder, CancellationToken cancel)
    {
        var repository = FindRoot();
        // tests/Fuzz/bin/Release/net10.0 and the programs' own end alike.
        var build = Path.GetRelativePath(Path.Combine(repository, "tests", "Fuzz"), AppContext.BaseDirectory);
        await using var system = await FuzzedSystem.StartAsync(repository, build);
        var fuzzer = new Fuzzer(new FuzzTarget(system.Ports, system.Run, TimeSpan.FromSeconds(30)), seed);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        end.CancelAfter(time);
        if (only is { } number)
            await fuzzer.TryAsync(fuzzer.Make(number));
        else
            await fuzzer.RunAsync(0, int.MaxValue, clients, end.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None); // The last log lines.

        foreach (var (kind, count) in fuzzer.Totals.OrderBy(total => total.Key, StringComparer.Ordinal))
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{kind,-24} {count,9}"));
        var findings = await KeepAsync(folder, fuzzer, system);
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {fuzzer.Totals.Values.Sum()} requests, {system.LogLines} log lines, {findings} findings, kept in {folder}"));
        return findings == 0 ? 0 : 1;
    }

    /// <summary>A file a finding: the request as it went out, and beside it what was wrong.</summary>
    private static async Task<int> KeepAsync(string folder, Fuzzer fuzzer, FuzzedSystem system)
    {
        if (fuzzer.Findings.IsEmpty && system.LogFindings.IsEmpty && !system.AnyEnded)
            return 0;
        Directory.CreateDirectory(folder);
        foreach (var (request, fault, answer) in fuzzer.Findings)
        {
            var path = Path.Combine(folder, request.Id);
            await File.WriteAllBytesAsync(path + ".request", request.Bytes);
            await File.WriteAllBytesAsync(path + ".answer", answer);
            await File.WriteAllTextAsync(path + ".txt", $"{request.Listener} {request.Kind}: {fault}\n");
        }

        await File.WriteAllLinesAsync(
            Path.Combine(folder, "log-findings.txt"), system.LogFindings.Select(finding => $"{finding.Fault}: {finding.Line}"));
        return fuzzer.Findings.Count + system.LogFindings.Count + (system.AnyEnded ? 1 : 0);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("no Gateway.sln above " + AppContext.BaseDirectory);
    }
}
