using System.Text;
using Gateway.Configuration;
using Gateway.Rollout;
using Gateway.Rollout.Files;

namespace Gateway.Tests.Rollout.Files;

/// <summary>Holds docs/contract.md section 10: an edit changes one value of <c>rollout.json</c>, and no other byte.</summary>
public sealed class RolloutEditTests
{
    /// <summary>In the file, « and » stand around what is replaced; where nothing is, between them something comes.</summary>
    [Theory]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":«20»}}}""", 5, "5")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":«20»}}}""", 12.5, "12.5")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":«20»}}}""", 0.1, "0.1")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":«20»}}}""", 1e-7, "1E-07")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":«2.0E+1»}}}""", 100, "100")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":"«20»"}}}""", 0, "0")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":"«\u0032\u0030»"}}}""", 0, "0")]
    [InlineData("""{"cohorts":{"canary":{"defaultROLLOUTpercentage" : «20» , }, }, }""", 5, "5")]
    [InlineData("""{"Coh\u006frts":{"c\u0061nary":{"\u0044efaultRolloutPercentage":«20»}}}""", 5, "5")]
    [InlineData("""{"Cohorts":{"canary2":{"DefaultRolloutPercentage":20},"canary":{"DefaultRolloutPercentage":«20»},"a canary":{"DefaultRolloutPercentage":20}}}""", 5, "5")]
    [InlineData("""{"Cohorts":{"canary":{"Groups":[{"Name":"DefaultRolloutPercentage","RolloutPercentage":20}],"DefaultRolloutPercentage":«20»}}}""", 5, "5")]
    [InlineData("/* \"DefaultRolloutPercentage\": 20 */ {\r\n\t\"Cohorts\": { // \"canary\"\r\n\t\"canary\": { \"DefaultRolloutPercentage\" : /* { */ «20» // 5\r\n} } }\r\n", 5, "5")]
    [InlineData("\uFEFF{\"Cohorts\":{\"canary\":{\"Users\":[\"größe 😀\"],\"DefaultRolloutPercentage\":«20»}}}\n\n", 5, "5")]
    [InlineData("""{"Cohorts":{"canary":{«»}}}""", 5, " \"DefaultRolloutPercentage\": 5 ")]
    [InlineData("""{"Cohorts":{"canary":{«» /* none */ }}}""", 5, " \"DefaultRolloutPercentage\": 5")]
    [InlineData("""{"Cohorts":{"canary":{ "Users": []«» }}}""", 5, ", \"DefaultRolloutPercentage\": 5")]
    [InlineData("{\"Cohorts\":{\"canary\":{\n    \"Users\": [],\n    \"Groups\": []«», // none\n  }}}", 5, ",\n    \"DefaultRolloutPercentage\": 5")]
    [InlineData("{\"Cohorts\":{\"canary\":{\r\n\t\"Users\": [ \"a\",\r\n \"b\" ]«»\r\n}}}", 5, ",\r\n\t\"DefaultRolloutPercentage\": 5")]
    [InlineData("""{"Cohorts":{"canary":{ "Exclusion": { "Users": [ "x" ] }«» }}}""", 5, ", \"DefaultRolloutPercentage\": 5")]
    public void SetPercentage_HoweverItIsWritten_ReplacesTheNumberAlone(string file, double percentage, string written)
    {
        var (before, after) = Expect(file, written);

        Assert.Equal(after, Text(RolloutEdit.SetPercentage(Encoding.UTF8.GetBytes(before), "canary", percentage)));
        Assert.Equal(percentage, Read(Encoding.UTF8.GetBytes(after)).Cohorts["canary"].DefaultPercentage);
    }

    [Theory]
    [InlineData("""{"feature_management":{"feature_flags":[{"id":"A","enabled":false},{"id":"B","enabled":«false»},{"id":"BB","enabled":false}]}}""", true, "true")]
    [InlineData("""{"feature_management":{"feature_flags":[{"enabled":«true»,"id":"B","conditions":{}}]}}""", false, "false")]
    [InlineData("""{"Feature_Management":{"FEATURE_FLAGS":[{"Id":"\u0042","Enabled":"«False»"},]}}""", true, "true")]
    [InlineData("""{"feature_management":{"feature_flags":[{"description":{"enabled":true,"id":"B"},"id":"B","enabled": /* key */ «true»}]}}""", false, "false")]
    [InlineData("""{"feature_management":{"feature_flags":[{"id":"B"«»}]}}""", true, ", \"enabled\": true")]
    [InlineData("{\"feature_management\":{\"feature_flags\":[\n  {\n    \"id\": \"B\"«», // new\n    \"conditions\": {}\n  }]}}", true, ",\n    \"enabled\": true")]
    public void SetEnabled_HoweverItIsWritten_ReplacesTheWordAlone(string file, bool enabled, string written)
    {
        var (before, after) = Expect(file, written);

        Assert.Equal(after, Text(RolloutEdit.SetEnabled(Encoding.UTF8.GetBytes(before), "B", enabled)));
        Assert.Equal(enabled, Read(Encoding.UTF8.GetBytes(after)).Flags["B"].Switch.FileEnabled);
    }

    [Theory]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":2e1}}}""", 20)]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":"20.0"}}}""", 20)]
    [InlineData("""{"Cohorts":{"canary":{}}}""", 0)]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":-0}}}""", 0)]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":0}}}""", -0.0)]
    public void SetPercentage_ThatIsThereAlready_ChangesNothing(string file, double percentage)
    {
        var bytes = Encoding.UTF8.GetBytes(file);

        Assert.Same(bytes, RolloutEdit.SetPercentage(bytes, "canary", percentage));
    }

    [Theory]
    [InlineData("""{"feature_management":{"feature_flags":[{"id":"B","enabled":"TRUE"}]}}""", true)]
    [InlineData("""{"feature_management":{"feature_flags":[{"id":"B"}]}}""", false)]
    public void SetEnabled_ThatIsThereAlready_ChangesNothing(string file, bool enabled)
    {
        var bytes = Encoding.UTF8.GetBytes(file);

        Assert.Same(bytes, RolloutEdit.SetEnabled(bytes, "B", enabled));
    }

    [Theory]
    [InlineData("""{"Cohorts":{"Canary":{},"beta":{}}}""", "there is no cohort \"canary\" in rollout.json, which has Canary, beta")]
    [InlineData("{}", "there is no cohort \"canary\" in rollout.json, which has none")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":20,"defaultRolloutPercentage":30}}}""", "each key once")]
    [InlineData("""{"Cohorts":{"canary":{"DefaultRolloutPercentage":120}}}""", "Cohorts:canary:DefaultRolloutPercentage: \"120\"")]
    [InlineData("""{"Cohorts":{"canary":{},"other":{"Userz":[]}}}""", "Cohorts:other:Userz")]
    [InlineData("""{"Cohorts":{"canary":{""", "is not closed")]
    [InlineData("", "the file is empty")]
    public void SetPercentage_InAFileThatCannotTakeIt_SaysWhy(string file, string why)
    {
        var error = Assert.Throws<RolloutEditException>(() => RolloutEdit.SetPercentage(Encoding.UTF8.GetBytes(file), "canary", 5));

        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SetEnabled_OfAnUnknownFlag_SaysWhichThereAre()
    {
        var error = Assert.Throws<RolloutEditException>(() => RolloutEdit.SetEnabled(
            """{"feature_management":{"feature_flags":[{"id":"A"},{"id":"C"}]}}"""u8.ToArray(), "B", false));

        Assert.Equal("there is no flag \"B\" in rollout.json, which has A, C", error.Message);
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(100.5)]
    [InlineData(double.NaN)]
    public void SetPercentage_OutOfRange_IsNoEdit(double percentage) => Assert.Throws<ArgumentOutOfRangeException>(
        () => RolloutEdit.SetPercentage("""{"Cohorts":{"canary":{}}}"""u8.ToArray(), "canary", percentage));

    /// <summary>Files of any spelling: each byte outside of the number is where it was, and reading gives the number. Seeds are fixed.</summary>
    [Fact]
    public void SetPercentage_InRandomFiles_MovesNoOtherByte()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var file = RandomRolloutFile.Create(random);
            var (cohort, from, to) = file.Numbers[random.Next(file.Numbers.Count)];
            var percentage = random.Next(3) switch
            {
                0 => random.Next(101), 1 => random.Next(1001) / 10.0, _ => random.NextDouble() * 100,
            };

            var edited = RolloutEdit.SetPercentage(file.Bytes, cohort, percentage);

            var length = edited.Length - (file.Bytes.Length - to);
            Assert.True(edited.AsSpan(0, from).SequenceEqual(file.Bytes.AsSpan(0, from)), $"seed {seed}, before it");
            Assert.True(edited.AsSpan(length).SequenceEqual(file.Bytes.AsSpan(to)), $"seed {seed}, after it");
            Assert.Equal(percentage, Read(edited).Cohorts[cohort].DefaultPercentage);
            Assert.Equal(percentage, double.Parse(Text(edited[from..length])));
        }
    }

    private static (string Before, string After) Expect(string file, string written)
    {
        var (from, to) = (file.IndexOf('«'), file.IndexOf('»'));
        return (file[..from] + file[(from + 1)..to] + file[(to + 1)..], file[..from] + written + file[(to + 1)..]);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static RolloutFile Read(byte[] bytes)
    {
        var findings = new List<ConfigFinding>();
        var file = RolloutFile.Read(bytes, _ => null, "Production", findings);
        Assert.True(file is not null, string.Join('\n', findings));
        return file;
    }
}
