using System.Text;
using System.Text.RegularExpressions;

namespace ArchitectureTests;

/// <summary>
/// Draws the rooms into <c>docs/architecture.md</c>: between a pair of marks for each program, the layers, a picture of the arrows, and a
/// table. The sentence about what a room holds is written by people, in that table, and is kept.
/// </summary>
internal static partial class ArchitecturePage
{
    /// <summary>Stands where a room has no sentence yet.</summary>
    public const string Missing = "(say in one sentence what it holds)";

    public static string Draw(string page) => Section().Replace(page, section =>
    {
        var program = section.Groups["program"].Value;
        return $"<!-- rooms: {program} -->\n{Draw(CompiledProgram.Read(program), ReadSentences(section.Value))}<!-- end -->";
    });

    private static string Draw(CompiledProgram program, Dictionary<string, string> sentences)
    {
        var layers = program.Arrows.Keys.GroupBy(program.FindLayer).OrderByDescending(l => l.Key).ToArray();
        var text = new StringBuilder("\n```\n");
        foreach (var layer in layers)
            text.Append($"{layer.Key,2}  {string.Join("  ", layer.Select(program.Shorten).Order(StringComparer.Ordinal))}\n");
        text.Append("```\n\n```mermaid\nflowchart TD\n");
        foreach (var (room, uses) in program.Arrows.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            foreach (var used in uses.Where(u => !uses.Any(other => other != u && program.FindReachable(other).Contains(u))))
                text.Append($"  {Node(program, room)} --> {Node(program, used)}\n");
        }

        text.Append("```\n\n| room | holds | uses | a change here may touch |\n| --- | --- | --- | --- |\n");
        foreach (var room in layers.SelectMany(l => l.Order(StringComparer.Ordinal)))
        {
            var name = program.Shorten(room);
            var users = program.Arrows.Where(a => a.Value.Contains(room)).Select(a => a.Key);
            text.Append(
                $"| `{name}` | {sentences.GetValueOrDefault(name, Missing)} | {List(program, program.Arrows[room])} | {List(program, users)} |\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Node(CompiledProgram program, string room) => program.Shorten(room).Replace('.', '_').Trim('(', ')');

    private static string List(CompiledProgram program, IEnumerable<string> rooms) =>
        string.Join(", ", rooms.Select(program.Shorten).Order(StringComparer.Ordinal)) is { Length: > 0 } names ? names : "–";

    private static Dictionary<string, string> ReadSentences(string section) =>
        Row().Matches(section).ToDictionary(r => r.Groups["room"].Value, r => r.Groups["holds"].Value, StringComparer.Ordinal);

    [GeneratedRegex(@"<!-- rooms: (?<program>\w+) -->\n.*?<!-- end -->", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\| `(?<room>[^`]+)` \| (?<holds>.*?) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
