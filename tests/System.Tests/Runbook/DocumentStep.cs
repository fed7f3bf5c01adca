using System.Text.RegularExpressions;

namespace SystemTests.Runbook;

/// <summary>One thing that a document has done to the system, in the order of its text.</summary>
internal abstract partial record DocumentStep(int Line)
{
    /// <summary>
    /// Reads a document. <c>```sh</c> is a block of commands and the <c>```text</c> after it is all they print; without one they print
    /// nothing. A block under a paragraph that tells the reader to look again until it says so is run again until it does.
    /// <c>&lt;!-- test: … --&gt;</c> speaks to the test: <c>not run: why</c> is about the block below, the rest are names of what befalls the system. None of
    /// them does for the reader what the document leaves out.
    /// </summary>
    public static IReadOnlyList<DocumentStep> Read(string markdown)
    {
        var (steps, lines) = (new List<DocumentStep>(), markdown.Split('\n'));
        var (repeat, paragraph, notRun) = (false, false, (string?)null);
        for (var at = 0; at < lines.Length; at++)
        {
            if (Comment().Match(lines[at]) is { Success: true } comment)
            {
                var said = comment.Groups[1].Value;
                if (said.StartsWith("not run: ", StringComparison.Ordinal))
                    notRun = said["not run: ".Length..];
                else
                    steps.Add(new Happening(at + 1, said));
            }
            else if (lines[at].StartsWith("```", StringComparison.Ordinal))
            {
                var (line, language) = (at + 1, lines[at][3..]);
                var body = lines.Skip(at + 1).TakeWhile(l => l != "```").ToArray();
                at += body.Length + 1;
                if (language == "sh")
                    (_, repeat, notRun) = (Add(steps, new CommandBlock(line, string.Join('\n', body), [], repeat, notRun)), false, null);
                else if (language == "text" && steps.LastOrDefault() is CommandBlock { Output.Count: 0 } block)
                    steps[^1] = block with { Output = body };
                else
                    throw new FormatException(
                        $"line {line}: a fence of {language}, which is neither sh nor the text that a block above prints");
            }
            else if (lines[at].Length > 0)
                (repeat, paragraph) = ((paragraph && repeat) || lines[at].Contains("again until", StringComparison.Ordinal), true);
            else
                paragraph = false;
        }

        return steps;
    }

    private static CommandBlock Add(List<DocumentStep> steps, CommandBlock block)
    {
        steps.Add(block);
        return block;
    }

    [GeneratedRegex("^<!-- test: (.*) -->$")]
    private static partial Regex Comment();
}

/// <summary>Something that the harness does to the system before the reader would notice it.</summary>
internal sealed record Happening(int Line, string Name) : DocumentStep(Line);

/// <param name="Output">What it has to print, line by line; "…" is anything in a line, and alone any lines.</param>
/// <param name="Repeat">It only looks, and may look again until the system has come so far.</param>
/// <param name="NotRun">Why it is not executed; null when it is.</param>
internal sealed record CommandBlock(int Line, string Script, IReadOnlyList<string> Output, bool Repeat, string? NotRun) : DocumentStep(Line)
{
    /// <summary>Null when <paramref name="printed"/> is what was promised, else the first promise that was not kept.</summary>
    public string? Fault(string printed)
    {
        var lines = printed.Length == 0 ? [] : printed.TrimEnd('\n').Split('\n').Select(l => l.TrimEnd('\r', ' ')).ToArray();
        return Matches(0, lines, 0) ? null : $"expected\n{string.Join('\n', Output)}\nprinted\n{printed}";
    }

    private bool Matches(int expected, string[] lines, int at)
    {
        if (expected == Output.Count)
            return at == lines.Length;
        if (Output[expected] == "…")
            return Enumerable.Range(at, lines.Length - at + 1).Any(next => Matches(expected + 1, lines, next));
        return at < lines.Length && LineMatches(Output[expected], lines[at]) && Matches(expected + 1, lines, at + 1);
    }

    private static bool LineMatches(string expected, string line) => Regex.IsMatch(
        line, "^" + string.Join(".*", expected.TrimEnd().Split('…').Select(Regex.Escape)) + "$", RegexOptions.NonBacktracking);
}
