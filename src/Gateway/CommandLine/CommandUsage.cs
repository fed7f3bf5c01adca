using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Gateway.Starting;
using ServiceDefaults.Options;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>Whether a command line can be meant as it was typed: the parser would take an unknown option for a value.</summary>
internal static class CommandUsage
{
    private const string EndOfOptions = "--";

    /// <param name="known">What the first word can be.</param>
    /// <exception cref="WrongUsageException">With every fault.</exception>
    public static void Check(ParseResult parsed, string[] words, IReadOnlyList<string> known)
    {
        // The parser takes a first word in brackets for a directive.
        if (words[0] is [not '-', ..] or "" && !known.Contains(words[0], StringComparer.Ordinal))
            throw UnknownWord(Startup.ProgramName, words[0], known);
        CommandResult[] way = [.. WayTo(parsed.CommandResult)];
        var command = way[^1].Command;
        var typed = string.Join(' ', way.Skip(1).Select(step => step.Command.Name).Prepend(Startup.ProgramName));
        if (command.Subcommands.Count > 0)
            CheckWord(typed, words.Skip(way.Length - 1), way.Length == 1 ? known : [.. command.Subcommands.Select(sub => sub.Name)]);
        if (way[0].Command.Options.OfType<HelpOption>().Any(help => parsed.GetResult(help) is not null))
            return;
        string[] faults = [.. FindUnknownOptions(words, way)];
        if (faults.Length == 0)
            faults = [.. parsed.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal)];
        if (faults.Length > 0)
            throw Refuse(typed, string.Join(" ", faults));
    }

    /// <summary>For what the parser accepts and the command does not.</summary>
    public static WrongUsageException Refuse(string typed, string fault) =>
        new($"{typed}: {fault}{(fault[^1] is '.' or '?' ? "" : ".")} \"{typed} --help\" says how it is typed.");

    /// <summary>Of a command that only holds others.</summary>
    private static void CheckWord(string typed, IEnumerable<string> rest, IReadOnlyList<string> known)
    {
        if (rest.FirstOrDefault(word => !word.StartsWith('-')) is not { } word)
        {
            if (!rest.Any())
                throw Refuse(typed, $"A word is missing: {string.Join(", ", known)}");
            return;
        }

        if (!known.Contains(word, StringComparer.Ordinal))
            throw UnknownWord(typed, word, known);
    }

    private static WrongUsageException UnknownWord(string typed, string word, IReadOnlyList<string> known)
    {
        var meant = NearestName.Find(word, known) is { } name
            ? $"did you mean \"{name}\"?" : $"there is {string.Join(", ", known.Where(command => command[0] != '-'))}.";
        return new($"{typed}: \"{word}\" is no command, and nothing was started; {meant} \"{typed} --help\" says what each does.");
    }

    private static IEnumerable<string> FindUnknownOptions(string[] words, CommandResult[] way)
    {
        Option[] known = [.. way[^1].Command.Options
            .Concat(way[..^1].SelectMany(step => step.Command.Options.Where(option => option.Recursive)))];
        foreach (var word in words.TakeWhile(word => word != EndOfOptions))
        {
            if (word.Length < 2 || word[0] != '-' || char.IsAsciiDigit(word[1]))
                continue;
            var (name, value) = word.IndexOfAny(['=', ':']) is > 0 and var end ? (word[..end], word[(end + 1)..]) : (word, null);
            if (Array.Find(known, option => option.Name == name || option.Aliases.Contains(name)) is not { } option)
                yield return $"\"{word}\" is no option" + (NearestName.Find(name, known.Select(one => one.Name)) is { } meant
                    ? $"; did you mean \"{meant}\"?" : "; a value that begins with a dash follows its option's name and =");
            else if (option.ValueType == typeof(bool) && value is not null && !bool.TryParse(value, out _))
                yield return $"{name} takes no value"; // The parser would take it for the command's next word.
        }
    }

    private static IEnumerable<CommandResult> WayTo(CommandResult result) =>
        result.Parent is CommandResult parent ? WayTo(parent).Append(result) : [result];
}
