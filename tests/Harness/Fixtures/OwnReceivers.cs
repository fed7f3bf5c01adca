using System.Text.RegularExpressions;

namespace Harness.Fixtures;

/// <summary>
/// Alertmanager's routes as an operator has them, and nobody of theirs at the other end: whatever pager, chat or address stands in the
/// file, each receiver of that name is a webhook of ours.
/// </summary>
public static partial class OwnReceivers
{
    private static readonly string[] Kept = ["route", "inhibit_rules", "mute_time_intervals", "time_intervals"];

    /// <param name="alertmanager">The text of <c>alertmanager.yml</c>; its <c>global</c> (proxies, mail servers) and templates go.</param>
    /// <param name="webhook">Ours, without a slash at its end; a receiver's name follows as the path.</param>
    public static string Replace(string alertmanager, string webhook)
    {
        var sections = Section().Split(alertmanager).GroupBy(section => section[..Math.Max(0, section.IndexOf(':'))]).ToList();
        var receivers = Name().Matches(string.Concat(sections.Where(s => s.Key == "receivers").SelectMany(s => s)))
            .Select(found => found.Groups["name"].Value);
        // A dead man's switch is told that all is well, again and again, and of no end.
        var ours = string.Concat(receivers.Select(name =>
            $"  - name: {name}\n    webhook_configs: [{{ url: '{webhook}/{name}', "
            + $"send_resolved: {(name == "watchdog" ? "false" : "true")} }}]\n"));
        return string.Concat(sections.Where(s => Kept.Contains(s.Key)).SelectMany(s => s)) + "\nreceivers:\n" + ours;
    }

    // Before each line that begins with a word: YAML's top level.
    [GeneratedRegex("^(?=[A-Za-z_])", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^ *- (?:\{ *)?name: *['""]?(?<name>[\w.-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
