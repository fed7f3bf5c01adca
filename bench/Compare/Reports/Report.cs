namespace CompareBench.Reports;

/// <summary>The files that a whole run leaves: <c>compare.md</c> and <c>compare.svg</c>.</summary>
internal static class Report
{
    private const string Reading = """
        All candidates of a case run at the same time and are loaded in turns, one after the other, round after round. A number is the
        median of its rounds, with the least and the most in parentheses; a ratio is the median of the ratios of each pair of rounds: what
        the machine does to both of them does not disturb it. Processor time is user and system time of the candidate and its workers, as
        the kernel accounts for it. Latencies are those of a load that asks again as soon as it is answered. Memory is what is resident,
        of all processes of a candidate together.
        """;

    private static readonly string[] Candidates =
    [
        """
        **bare YARP**: `bench/Bare`, YARP's own "getting started" with one route and one destination, untuned: loggers and levels of
        ASP.NET Core's web template, to a file; YARP's own lines from Warning on, so that no request has a line.
        """,
        """
        **nginx**, **HAProxy**: set up for the same job as far as they can do it: users split by a hash, request id, access log in JSON,
        backup upstream (HAProxy: probes as well). No flags, no cohorts by name, no metrics by route, no circuit, no guard on streams.
        """,
        """
        **gateway**: as published, with everything on: two flags, a cohort at 50 %, request ids, metrics, a JSON line for each request in a
        file, probes, circuits, the guard on streams. Another checkout's has its commit in its name.
        """,
    ];

    public static async Task WriteAsync(string folder, IReadOnlyList<string> machine, IReadOnlyList<Section> sections)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "compare.md"), WriteDocument(machine, sections));
        await File.WriteAllTextAsync(Path.Combine(folder, "compare.svg"), Picture.Draw(sections));
    }

    private static string WriteDocument(IReadOnlyList<string> machine, IReadOnlyList<Section> sections) => string.Join('\n',
    [
        "# The gateway beside bare YARP, nginx and HAProxy\n",
        Markdown.Wrap("Written by `bench/compare`; [how to run it](../README.md).") + "\n",
        .. machine.Select(Markdown.WrapItem), "",
        .. Candidates.Select(Markdown.WrapItem), "",
        Markdown.Wrap(Reading) + "\n",
        "![Ratios to bare YARP](compare.svg)\n",
        .. sections.Select(Markdown.Write),
    ]);
}
