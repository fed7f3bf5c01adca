using System.Text;
using Gateway.Configuration;
using Gateway.Rollout;

namespace Gateway.Tests.Configuration;

/// <summary>Holds docs/contract.md section 2: whatever bytes a file has, what is wrong is told with its place, and nothing throws.</summary>
public sealed class ConfigJsonTests
{
    private const string Good = """{ "Cohorts": { "canary": { "Users": [ "alice" ], "DefaultRolloutPercentage": 20 } } }""";

    /// <summary>What no text is, and what is no JSON: one finding, at the place that an editor shows.</summary>
    [Theory]
    [InlineData("", 1, 1, "the file is empty")]
    [InlineData(" \r\n\t\n", 3, 1, "the file is empty")]
    [InlineData("// nothing\n", 2, 1, "only comments")]
    [InlineData("null", 1, 1, "an object")]
    [InlineData("[ { } ]", 1, 1, "an object")]
    [InlineData("\n  42", 2, 3, "an object")]
    [InlineData("\"x\"", 1, 1, "an object")]
    [InlineData("{\n  \"Cohorts\": {", 2, 15, "what opens in line 2 is not closed")]
    [InlineData("{\n  \"Cohorts\": { }\n  \"x\": 1\n}", 3, 3, "valid JSON")]
    [InlineData("{\n\t\"Cohorts\": True }", 2, 13, "valid JSON")]
    [InlineData("{ \"Cohorts\": 020 }", 1, 15, "leading zero")]
    [InlineData("{ \"Cohorts\": NaN }", 1, 14, "valid JSON")]
    [InlineData("{ 'Cohorts': 1 }", 1, 3, "valid JSON")]
    [InlineData("{ \"é😀\": 'x' }", 1, 9, "valid JSON")]
    [InlineData("{ } { }", 1, 5, "valid JSON")]
    [InlineData("{ }\0", 1, 4, "0x00")]
    [InlineData("{ } /* for ever", 1, 5, "comment")]
    [InlineData("feature_management: 1", 1, 1, "valid JSON (Expected the literal 'false')")]
    [InlineData("{ \"Cohorts\": flase,\n \"x\": 1 }", 1, 14, "valid JSON (Expected the literal 'false')")]
    public void Text_ThatIsNoObject_IsToldWhereAndWhy(string text, int line, int column, string why)
    {
        var finding = Assert.Single(Findings(Encoding.UTF8.GetBytes(text)));

        Assert.Equal((line, column), (finding.Line, finding.Column));
        Assert.Contains(why, finding.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_OfTooManyLevels_IsTold()
    {
        foreach (var (open, close) in ((string, string)[])[("[", "]"), ("{\"a\":", "}")])
        {
            var text = string.Concat(Enumerable.Repeat(open, 3000)) + "1" + string.Concat(Enumerable.Repeat(close, 3000));
            Assert.Contains("depth of 64", Assert.Single(Findings(Encoding.UTF8.GetBytes(text))).Expected, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, byte[], string> OtherEncodings => new()
    {
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Good)], "UTF-16" },
        { "UTF-16, the other way", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Good)], "UTF-16" },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Good), "UTF-16" },
        { "UTF-32", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes(Good)], "UTF-32" },
    };

    [Theory]
    [MemberData(nameof(OtherEncodings))]
    public void Text_InAnotherEncoding_IsCalledByItsName(string name, byte[] bytes, string encoding)
    {
        var finding = Assert.Single(Findings(bytes));

        Assert.True(finding.Value == encoding, name);
        Assert.Equal(("a text in UTF-8", 1, 1), (finding.Expected, finding.Line, finding.Column));
    }

    [Theory]
    [InlineData("\uFEFF" + Good)]
    [InlineData("/* a\n b */ " + Good)]
    [InlineData("""{ "$schema": "./rollout.schema.json", "Cohorts": { "canary": { "Users": [ "\ud83d\ude00", ], }, }, }""")]
    [InlineData("""{ "Cohorts": { "canary": { "DefaultRolloutPercentage": "20", "Users": [ "C:\\ud800" ] } } }""")]
    public void Text_AsEditorsAndPeopleWriteIt_IsTaken(string text) => Assert.Empty(Findings(Encoding.UTF8.GetBytes(text)));

    /// <summary>Bytes that are no character, halves of one: told where they stand, and the rest of the file is read all the same.</summary>
    [Fact]
    public void Characters_ThatAreNone_HideNothingElse()
    {
        byte[] bytes =
        [
            .. "// M"u8, 0xFC, .. "ller\n{ \"Cohorts\": { \"canary\": {\n  \"Users\": [ \"J"u8, 0xF6, .. "rg\", \"\\ud800x\", \"\\\\udc00\" ],\n"u8,
            .. "  \"DefaultRolloutPercentage\": 101 } } }"u8,
        ];

        var findings = ConfigFinding.InOrder(Findings(bytes));

        Assert.Equal(
            [(1, 5, ""), (3, 16, "Cohorts:canary:Users:0"), (3, 23, "Cohorts:canary:Users:1"), (4, 31, "Cohorts:canary:DefaultRolloutPercentage")],
            findings.Select(f => (f.Line!.Value, f.Column!.Value, f.Path)));
        Assert.Equal(["FC", "F6", "\\ud800", "101"], findings.Select(f => f.Value));
    }

    [Fact]
    public void Keys_ThatStandTwice_AreAllTold()
    {
        const string Twice = """
            { "Cohorts": { "canary": { "Users": [], "users": [ "x" ], "DefaultRolloutPercentage": 101 } },
              "cohorts": { "Canary": { }, "beta": { "Usrs": [] } } }
            """;

        var findings = ConfigFinding.InOrder(Findings(Encoding.UTF8.GetBytes(Twice)));

        Assert.Equal(
            [("Cohorts:canary:users", 1, 41), ("Cohorts:canary:DefaultRolloutPercentage", 1, 87), ("cohorts", 2, 3), ("cohorts:beta:Usrs", 2, 41)],
            findings.Select(f => (f.Path, f.Line!.Value, f.Column!.Value)));
        Assert.Contains("it stands already in line 1", findings[0].Expected, StringComparison.Ordinal);
    }

    /// <summary>The place is that of the value, of a wrong key the key's, of what is missing that of what it is missing in.</summary>
    [Theory]
    [InlineData("{\r\n\t\"Cohorts\": { \"canary\": { \"DefaultRolloutPercentage\": 101 } } }", 2, 55, null)]
    [InlineData("{ \"Cohorts\": { \"canary\": { \"Users\": [ \"a\",\n \"\" ] } } }", 2, 2, null)]
    [InlineData("{ \"Cohorts\":\n { \"é😀\": { \"DefaultRolloutPercentag\": 1 } } }", 2, 12, "DefaultRolloutPercentage")]
    [InlineData("{ \"Cohorts\": { \"canary\":\n { \"Groups\": [\n { \"Name\": \"g\" } ] } } }", 3, 2, null)]
    [InlineData("{ \"Cohorts\": { \"canary\":\n null } }", 2, 2, null)]
    [InlineData("{ \"Cohorts\": { \"canary\":\n { \"Users\": {} } } }", 2, 4, null)]
    [InlineData("{ \"feature_management\": { \"feature_flags\": [\n { \"enabled\": \"maybe\", \"id\": \"A\" } ] } }", 2, 15, null)]
    [InlineData("{ \"FeatureManagement\": { } }", 1, 3, "feature_management")]
    public void Finding_StandsWhereAnEditorLooks(string text, int line, int column, string? suggestion)
    {
        var finding = Assert.Single(Findings(Encoding.UTF8.GetBytes(text)));

        Assert.Equal((line, column, suggestion), (finding.Line, finding.Column, finding.Suggestion));
    }

    /// <summary>No bytes make it throw; seeds are fixed, so that a failure can be looked at.</summary>
    [Fact]
    public void Bytes_OfAnyKind_NeverThrow()
    {
        var random = new Random(12);
        var good = Encoding.UTF8.GetBytes("// ü\n" + Good);
        var grammar = "{}[]\",:\\/*u0d8\n"u8.ToArray();
        for (var round = 0; round < 2000; round++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? grammar[random.Next(grammar.Length)] : (byte)random.Next(256);
            Findings(bytes[..random.Next(1, bytes.Length + 1)]);
        }
    }

    private static List<ConfigFinding> Findings(byte[] bytes)
    {
        var findings = new List<ConfigFinding>();
        RolloutFile.Read(bytes, _ => null, "Production", findings);
        return findings;
    }
}
