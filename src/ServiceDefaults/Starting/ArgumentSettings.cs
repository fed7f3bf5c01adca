using Microsoft.AspNetCore.Builder;
using ServiceDefaults.Options;

namespace ServiceDefaults.Starting;

/// <summary>
/// The arguments of a program that starts, as ASP.NET Core reads settings from them: <c>--Key=value</c>, <c>--Key value</c>, the same with
/// a slash, or <c>Key=value</c>. It passes over everything else without a word, and starts a program that is not the one asked for: here
/// that is wrong usage.
/// </summary>
public sealed class ArgumentSettings
{
    private readonly string _program;
    private readonly IReadOnlyList<string> _words;
    private readonly List<(string Typed, string Key, bool HasValue)> _settings = [];

    /// <param name="program">As it is typed.</param>
    /// <param name="words">What else could have been meant: commands and options.</param>
    /// <exception cref="WrongUsageException">For the first argument that has no setting's form.</exception>
    public ArgumentSettings(string program, string[] args, params IReadOnlyList<string> words)
    {
        (_program, _words) = (program, words);
        for (var i = 0; i < args.Length; i++)
        {
            var end = args[i].IndexOf('=', StringComparison.Ordinal);
            // A value is never repeated: it may be a secret.
            var typed = end < 0 ? args[i] : args[i][..end];
            var prefix = PrefixOf(typed);
            var key = typed[prefix.Length..];
            if (key.Length == 0 || key[0] == '-' || (prefix.Length == 0 && end < 0))
                throw Refuse($"\"{typed}\" is no setting", typed);
            var takesNext = end < 0 && i + 1 < args.Length && PrefixOf(args[i + 1]) != "--";
            _settings.Add((typed, key, end >= 0 || takesNext));
            if (takesNext)
                i++;
        }
    }

    /// <summary>Whether an argument has the form of a setting or of an option; everything else is a word.</summary>
    public static bool IsSetting(string argument) =>
        argument.StartsWith('-') || PrefixOf(argument).Length > 0 || argument.Contains('=', StringComparison.Ordinal);

    /// <summary>To be called when every feature has been added: the keys have to be theirs.</summary>
    /// <exception cref="WrongUsageException">For the first key that nobody reads, or that has no value.</exception>
    public void RefuseUnknown(WebApplicationBuilder builder, params IReadOnlyList<string> alsoKnown)
    {
        string[] patterns = [.. HostKeys.All.Patterns, .. alsoKnown, .. SettingKeys.FindAll(builder.Services)];
        foreach (var (typed, key, hasValue) in _settings)
        {
            if (!patterns.Any(pattern => SettingKeys.Matches(pattern, key)))
                throw Refuse($"\"{typed}\" is no setting that can be given here", key, patterns);
            if (!hasValue)
                throw Refuse($"\"{typed}\" has no value", "");
        }
    }

    private WrongUsageException Refuse(string what, string typed, IReadOnlyList<string>? settings = null)
    {
        // As a variable has it, where : cannot stand in a name.
        var key = typed.TrimStart('-').Replace("__", ":", StringComparison.Ordinal);
        var word = _words.FirstOrDefault(word => word.TrimStart('-') == NearestName.Find(key, _words.Select(w => w.TrimStart('-'))));
        var meant = (word ?? NearestName.Find(key, settings ?? [])) is { } guess ? $"did you mean \"{guess}\"? " : "";
        return new($"{_program}: {what}, and nothing was started; {meant}\"{_program} --help\" says what can be typed.");
    }

    private static string PrefixOf(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) ? "--" : argument.StartsWith('/') ? "/" : "";
}
