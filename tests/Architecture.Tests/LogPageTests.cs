using System.Globalization;
using System.Text.RegularExpressions;
using Harness;
using Mono.Cecil;

namespace ArchitectureTests;

/// <summary><c>docs/reference/log-fields.md</c> against the messages of the compiled programs, in both directions.</summary>
public sealed partial class LogPageTests
{
    private const string Page = "reference/log-fields.md";

    // By LogLevel's numbers.
    private static readonly string[] Levels = ["trace", "debug", "information", "warning", "error", "critical"];

    private static readonly IReadOnlyList<(string Level, string Logger, string Message)> Messages = ReadMessages();

    [Fact]
    public void Page_Messages_AreThoseOfThePrograms()
    {
        var rows = Messages.OrderBy(m => m.Logger, StringComparer.Ordinal).ThenBy(m => m.Message, StringComparer.Ordinal)
            .Select(m => $"| {m.Level} | `{m.Logger}` | {m.Message.Replace("|", "\\|", StringComparison.Ordinal)} |\n");

        Assert.Null(ReferencePage.FindDifference(
            Page, "messages", "| level | logger | message |\n| --- | --- | --- |\n" + string.Concat(rows)));
    }

    [Fact]
    public void Page_Fields_AreThoseOfTheMessages()
    {
        var named = Messages.SelectMany(m => Field().Matches(m.Message)).Select(match => match.Groups[1].Value)
            .Select(name => char.ToLower(name[0], CultureInfo.InvariantCulture) + name[1..]).ToHashSet(StringComparer.Ordinal);
        var all = ReferencePage.ReadRows(Page, "field").Select(row => row[0].Trim('`')).ToArray();

        Assert.Equal([], named.Except(all).Order(StringComparer.Ordinal));
        var ofEveryLine = all[..(Array.IndexOf(all, "durationMs") + 1)]; // Those of the first two tables, which a gateway's lines are held to.
        Assert.Equal([], all.Except(ofEveryLine).Except(named));
        Assert.DoesNotContain(ReferencePage.ReadRows(Page, "field"), row => row[1].Length == 0);
    }

    private static List<(string Level, string Logger, string Message)> ReadMessages()
    {
        var messages = new List<(string, string, string)>();
        foreach (var assembly in CompiledProgram.Assemblies.Values)
        {
            using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly));
            foreach (var method in module.GetTypes().SelectMany(type => type.Methods))
            {
                foreach (var said in method.CustomAttributes.Where(a => a.AttributeType.Name == "LoggerMessageAttribute"))
                {
                    var values = said.ConstructorArguments.Concat(said.Properties.Select(property => property.Argument)).ToArray();
                    // Where there is no level, whoever writes the line gives it.
                    var level = values.Where(value => value.Type.Name == "LogLevel").Select(value => Levels[(int)value.Value]);
                    messages.Add((
                        level.SingleOrDefault("varies"), method.DeclaringType.FullName.Replace('/', '.'),
                        (string)values.Single(value => value.Type.Name == "String").Value));
                }
            }
        }

        return messages;
    }

    [GeneratedRegex(@"\{(\w+)(?:[:,][^}]*)?\}")]
    private static partial Regex Field();
}
