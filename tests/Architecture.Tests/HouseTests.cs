using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace ArchitectureTests;

public sealed partial class HouseTests
{
    private const int CodeWidth = 140;
    private const int DocumentWidth = 120;

    [Fact]
    public void Code_OfThePrograms_FitsItsWidth() =>
        Assert.Empty(Checkout.ListFiles("src/*.cs").SelectMany(file => LinesOver(file, CodeWidth, File.ReadLines)));

    [Fact]
    public void Documents_FitTheirWidth_ButForTablesAndCommands() =>
        Assert.Empty(Checkout.ListFiles("*.md").SelectMany(file => LinesOver(file, DocumentWidth, ReadProse)));

    /// <summary>Words that say nothing of what a type is for.</summary>
    [Theory]
    [InlineData("Manager|Helper|Helpers|Utils|Util|Impl|Base|Service")]
    public void Types_AreNamedForTheirRole(string emptyWords)
    {
        foreach (var assembly in CompiledProgram.Assemblies.Values)
        {
            var named = Types.FromFile(Path.Combine(AppContext.BaseDirectory, assembly))
                .That().DoNotHaveNameMatching("^<").And().DoNotHaveName("Database") // Ends in "base" by chance.
                .Should().NotHaveNameMatching($"({emptyWords})$").GetResult();
            Assert.True(named.IsSuccessful, string.Join(", ", named.FailingTypes?.Select(t => t.FullName) ?? []));
        }
    }

    /// <summary>An interface stands where two real implementations exist, and nowhere else.</summary>
    [Fact]
    public void Interfaces_HaveTwoImplementations()
    {
        var declared = Checkout.ListFiles("src/*.cs").Select(file => File.ReadAllText(Path.Combine(Checkout.Root, file))).ToArray();
        var names = declared.SelectMany(text => Interface().Matches(text)).Select(match => match.Groups["name"].Value);

        Assert.All(names, name => Assert.InRange(declared.Count(text => Regex.IsMatch(text, $@"[:,]\s*{name}\b")), 2, int.MaxValue));
    }

    private static IEnumerable<string> LinesOver(string file, int width, Func<string, IEnumerable<string>> read) =>
        read(Path.Combine(Checkout.Root, file)).Select((line, index) => (line, Number: index + 1))
            .Where(l => l.line.Length > width).Select(l => $"{file}:{l.Number}: {l.line.Length}");

    /// <summary>Each line, empty where it is a table's, a command's or a picture's.</summary>
    private static IEnumerable<string> ReadProse(string path)
    {
        var fenced = false;
        foreach (var line in File.ReadLines(path))
        {
            var fence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            fenced ^= fence;
            yield return fence || fenced || line.StartsWith('|') || line.StartsWith("    ", StringComparison.Ordinal) ? "" : line;
        }
    }

    [GeneratedRegex(@"\binterface (?<name>I[A-Z]\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Interface();
}
