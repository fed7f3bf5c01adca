using Gateway.Exchanges;
using Gateway.Rollout;
using Gateway.Rollout.Overrides;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Options;

namespace Gateway.Tests.Rollout.Overrides;

/// <summary>Holds docs/contract.md section 10: the override of a tester.</summary>
public sealed class OverrideJudgeTests
{
    private const string Flag = "CALENDAR_SERVICE_ENABLED";
    private const long Now = 1_789_990_000;

    // The bytes 0 to 31; the signatures below were made with another program's HMAC.
    private const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string On = $"{Flag}=on;exp=1790000000;sig=wAzCCIVVngCldGpQiPqSKpFnJhWvdvTf_148LoOcWuc";
    private const string OffForZoe = $"{Flag}=off;exp=1790000000;user=zo%C3%AB%3Ba%3Db;sig=VBi2H-gdg5VbTBw-jy2ntm40EwLfv06Ksp-U05_f19k";

    public static TheoryData<string, string, string?> Cases => new()
    {
        { On, "accepted", null },
        { OffForZoe, "accepted", "zoë;a=b" },
        { OffForZoe, "other-user", "ada" },
        { OffForZoe, "other-user", null },
        { On.Replace("=on;", "=off;"), "forged", null },
        { On.Replace("exp=1790000000", "exp=1790000001"), "forged", null },
        { On.Replace(Flag, "PUBLISH_SERVICE_ENABLED"), "forged", null },
        { On.Replace(";sig", ";user=ada;sig"), "forged", "ada" },
        { OffForZoe.Replace("user=zo%C3%AB%3Ba%3Db;", ""), "forged", "zoë;a=b" },
        { OffForZoe.Replace("zo%C3%AB%3Ba%3Db", "ada"), "forged", "ada" },
        { On.Replace("sig=w", "sig=x"), "forged", null },
        { On[..^1] + "d", "malformed", null }, // The same bytes, written with bits that mean nothing.
        { On[..^1], "malformed", null },
        { On + "A", "malformed", null },
        { On + "=", "malformed", null },
        { On + "\n", "malformed", null },
        { On + ", " + On, "repeated", null },
        { " " + On, "malformed", null },
        { On.Replace("exp=1", "exp=01"), "malformed", null },
        { On.Replace("exp=1", "exp=-1"), "malformed", null },
        { On.Replace("=on;", "=ON;"), "malformed", null },
        { On.Replace(";sig", ";user=;sig"), "malformed", null },
        { On.Replace(";sig", ";user=a%2Cb;sig"), "malformed", null },
        { "on", "malformed", null },
        { "", "malformed", null },
        { new string('a', 9000), "malformed", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Judge_OfOneLine_SaysWhatBecomesOfIt(string line, string outcome, string? user)
    {
        var verdict = Judge(user, [line]);

        Assert.Equal(outcome, verdict.Outcome.ToLabel());
        Assert.Equal(outcome == "accepted" ? line.Contains("=on;", StringComparison.Ordinal) : null, verdict.Decides);
    }

    [Theory]
    [InlineData(1, "accepted")]
    [InlineData(0, "expired")]
    [InlineData(-1, "expired")]
    [InlineData(24 * 60 * 60, "accepted")]
    [InlineData(24 * 60 * 60 + 1, "too-long")]
    public void Judge_ByTheClock_IsExactToTheSecond(int left, string outcome) =>
        Assert.Equal(outcome, Judge(null, [Mint(Now + left)]).Outcome.ToLabel());

    [Fact]
    public void Judge_WhatCannotCount_IsTold()
    {
        Assert.Equal(OverrideOutcome.Repeated, Judge(null, [On, On]).Outcome);
        Assert.Equal(OverrideOutcome.NotConfigured, Judge(null, [On], key: null).Outcome);
        Assert.Equal(OverrideOutcome.Forged, Judge(null, [On], key: Key.Replace("1f", "20")).Outcome);
        Assert.Equal(OverrideOutcome.OtherFlag, Judge(null, [On], routeFlag: "PUBLISH_SERVICE_ENABLED").Outcome);
        Assert.Equal(OverrideOutcome.OtherFlag, Judge(null, [On], routeFlag: null).Outcome);
        Assert.Equal(OverrideOutcome.SwitchedOff, Judge(null, [On], keys: new("true", false)).Outcome);
        Assert.Equal(OverrideOutcome.SwitchedOff, Judge(null, [On], keys: new(null, true)).Outcome);
    }

    [Fact]
    public void Judge_AnyChangedCharacter_IsNeverAccepted()
    {
        for (var at = 0; at < On.Length; at++)
        {
            foreach (var other in "0aA_;=,")
            {
                if (other != On[at])
                    Assert.NotEqual(OverrideOutcome.Accepted, Judge(null, [On[..at] + other + On[(at + 1)..]]).Outcome);
            }
        }
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("zoë;a=b")]
    [InlineData("зоя 😀 100%")]
    public void Token_ForAnyUser_IsReadAsItWasWritten(string user) => Assert.Equal(
        OverrideOutcome.Accepted,
        Judge(user, [new OverrideToken(Flag, true, Now + 60, user).Write(Convert.FromHexString(Key))]).Outcome);

    [Theory]
    [InlineData(Key, null)]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)]
    [InlineData("0001", "(2 bytes)")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", "(31 bytes)")]
    [InlineData("not a key, but a secret", "(hidden)")]
    public void Key_OfAtLeast32Bytes_InEitherForm(string text, string? fault)
    {
        var faults = new OptionFaults("Rollout");
        OverrideOptions.Check(new() { OverrideKey = text }, faults);

        if (fault is null)
            Assert.Equal((0, Key), (faults.All.Count, Convert.ToHexStringLower(new OverrideOptions { OverrideKey = text }.ReadKey()!)));
        else
            Assert.Equal([$"Rollout:OverrideKey: \"{fault}\", expected at least 32 bytes, in hexadecimal or base64"], faults.All);
    }

    [Fact]
    public void KeyFile_IsReadWithoutItsLineEnd_AndOnlyAlone()
    {
        var folder = Directory.CreateTempSubdirectory("override-");
        try
        {
            var file = Path.Combine(folder.FullName, "key");
            File.WriteAllText(file, Key + "\n");
            Assert.Equal(32, new OverrideOptions { OverrideKeyFile = file }.ReadKey()!.Length);
            foreach (var (key, name) in ((string?, string)[])[(Key, file), (null, file + ".none")])
            {
                var faults = new OptionFaults("Rollout");
                OverrideOptions.Check(new() { OverrideKey = key, OverrideKeyFile = name }, faults);
                Assert.StartsWith("Rollout:OverrideKeyFile: ", Assert.Single(faults.All), StringComparison.Ordinal);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Mint(long expires) => new OverrideToken(Flag, true, expires, null).Write(Convert.FromHexString(Key));

    private static OverrideVerdict Judge(
        string? user, string[] lines, string? key = Key, string? routeFlag = Flag, FlagSwitch? keys = null)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now));
        var route = new RoutePolicy(
            "calendar", routeFlag, [new("calendar"), new("legacy")], DryRunKind.None, ReplayRule.Idempotent, StreamRule.Guard);
        return new OverrideJudge(new() { OverrideKey = key }, clock).Judge(
            new(lines), new Caller(user, []), route, new Flag(Flag, keys ?? new("true", true), [], null, ""));
    }
}
