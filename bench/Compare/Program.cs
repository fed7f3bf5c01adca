using System.Runtime.Versioning;
using CompareBench;
using CompareBench.Candidates;
using CompareBench.Cases;
using CompareBench.Reports;
using CompareBench.Running;
using CompareBench.Soak;
using CompareBench.Streams;

[assembly: SupportedOSPlatform("linux")]

string Explain() => $"{CompareOptions.Usage} {string.Join(", ", Case.All.Select(static c => c.Name))}";

if (args.Contains("--help"))
{
    await Console.Out.WriteLineAsync(Explain());
    return 0;
}

if (args is [Origin.StreamsCommand])
{
    await new StreamOrigin().RunAsync(Origin.Streams.Port);
    return 0;
}

if (args is [SoakBench.Command, ..])
    return await InOwnDirectoryAsync(directory => SoakBench.RunAsync(args[1..], directory));

CompareOptions options;
Case[] cases;
try
{
    options = CompareOptions.Parse(args);
    cases = Case.Choose(options.Cases);
}
catch (FormatException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n{Explain()}");
    return 2;
}

return await InOwnDirectoryAsync(async directory =>
{
    var machine = await Machine.DescribeAsync(options);
    var candidates = await CandidateList.CreateAsync(options, directory);
    await using var origin = Origin.Start(Path.Combine(directory, "origin"));
    var bench = new Bench(options, candidates, directory, Console.Error);
    var sections = new List<Section>();
    foreach (var current in cases)
    {
        await Console.Error.WriteLineAsync(current.Name);
        var section = await current.RunOrSayWhyNotAsync(bench);
        sections.Add(section);
        await Console.Out.WriteLineAsync(Markdown.Write(section));
    }

    await Console.Out.WriteLineAsync(string.Join('\n', machine));
    if (options.FindOutput(allCases: cases.Length == Case.All.Count) is { } folder)
        await Report.WriteAsync(folder, machine, sections);
    return sections.Exists(static s => s.Failed) ? 1 : 0;
});

static async Task<int> InOwnDirectoryAsync(Func<string, Task<int>> run)
{
    var directory = Directory.CreateTempSubdirectory("compare-").FullName;
    try
    {
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101); // nginx's workers are somebody else.
        return await run(directory);
    }
    finally
    {
        Directory.Delete(directory, recursive: true);
    }
}
