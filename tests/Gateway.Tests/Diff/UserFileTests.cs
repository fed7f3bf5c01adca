using System.Text;
using Gateway.Configuration;
using Gateway.Diff;

namespace Gateway.Tests.Diff;

/// <summary>Holds docs/contract.md section 9: the file of users.</summary>
public sealed class UserFileTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("ada\nbob", "ada|bob")]
    [InlineData("ada\r\nbob\r\n", "ada|bob")]
    [InlineData("\n# who\n  ada , staff , beta \n\n#bob\n", "ada:staff:beta")]
    [InlineData("ada,\nbob,,x", "ada|bob:x")]
    [InlineData("Müller,größe\n", "Müller:größe")]
    public void Read_ALineAUser_IsReadAsHeadersAre(string text, string users)
    {
        foreach (var encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode])
        {
            File.WriteAllText(_file, text, encoding);

            var (read, warnings) = Read();

            Assert.Equal(users, string.Join('|', read.Select(c => string.Join(':', c.Groups.Prepend(c.UserId)))));
            Assert.Empty(warnings);
        }
    }

    [Fact]
    public void Read_LinesThatNameNobody_AreLeftOutAndSaidWithTheirNumber()
    {
        byte[] text = [.. Encoding.UTF8.GetBytes($"ada\n{new string('x', 257)}\nb\u0001b\nada,staff\n,staff\n"), 0xff, 0xfe, (byte)'\n', .. "cy"u8];
        File.WriteAllBytes(_file, text);

        var (read, warnings) = Read();

        Assert.Equal(["ada", "cy"], read.Select(c => c.UserId));
        Assert.Equal([2, 3, 4, 5, 6], warnings.Select(w => w.Line!.Value));
        Assert.All(warnings, w => Assert.Equal((_file, FindingSeverity.Warning), (w.File, w.Severity)));
        Assert.Contains("line 1 has this one", warnings[2].Expected, StringComparison.Ordinal);
        Assert.StartsWith("UTF-8", warnings[4].Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no lines")]
    [InlineData("# nobody\n", "no lines")]
    [InlineData("\u0001\n\u0002\n", "no legal line")]
    [InlineData(null, "missing")]
    public void Read_NoUsers_IsRefused(string? text, string value)
    {
        if (text is null)
            File.Delete(_file);
        else
            File.WriteAllText(_file, text);

        var refused = Assert.Throws<ConfigurationRefusedException>(() => Read());

        Assert.Equal((_file, value), (refused.Findings[^1].File, refused.Findings[^1].Value ?? "missing"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/dev/zero")]
    [InlineData("/dev/urandom")]
    public void Read_WhatIsNoFileOfUsers_EndsAndIsRefused(string path) =>
        Assert.Throws<ConfigurationRefusedException>(() => UserFile.Read(path, []));

    private (List<Gateway.Exchanges.Caller> Users, List<ConfigFinding> Warnings) Read()
    {
        var warnings = new List<ConfigFinding>();
        return (UserFile.Read(_file, warnings), warnings);
    }
}
