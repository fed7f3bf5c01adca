namespace ArchitectureTests;

public sealed class RoomTests
{
    public static TheoryData<string> Programs => [.. CompiledProgram.Assemblies.Keys];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Rooms_OfEachProgram_HangInNoCircle(string program)
    {
        var circles = CompiledProgram.Read(program).FindCircles();

        Assert.True(circles.Count == 0, $"{program}: rooms that use each other: {string.Join("; ", circles)}");
    }

    [Fact]
    public void Reader_SeesArrowsThatNoUsingLineShows()
    {
        // A nested room sees its parent without a using line, and the program sees what its project file imports.
        var gateway = CompiledProgram.Read("Gateway");

        Assert.Contains("Gateway.Fallback", gateway.Arrows["Gateway"]);
        Assert.Contains("Gateway.Exchanges", gateway.Arrows["Gateway.Fallback"]);
        Assert.DoesNotContain("Gateway.Fallback", gateway.Arrows["Gateway.Exchanges"]);
    }

    /// <summary>Whom others tell things knows none of them; what configures all features knows none.</summary>
    [Theory]
    [InlineData("Gateway", "Gateway.Telemetry", "Gateway.Exchanges")]
    [InlineData("Gateway", "Gateway.Configuration", "")]
    [InlineData("Gateway", "Gateway.Exchanges", "")]
    [InlineData("CalendarService", "CalendarService.Telemetry", "CalendarService.Identity")]
    public void Room_ThatOthersTell_KnowsOnlyTheVocabulary(string program, string room, string allowed) =>
        Assert.Subset(
            allowed.Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
            CompiledProgram.Read(program).Arrows[room].ToHashSet(StringComparer.Ordinal));

    [Fact]
    public void ArchitecturePage_ShowsTheRoomsAsTheyAre()
    {
        var path = Path.Combine(Checkout.Root, "docs", "architecture.md");
        var page = File.ReadAllText(path);
        var drawn = ArchitecturePage.Draw(page);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path, drawn);
        else
            Assert.True(drawn == page,
                "docs/architecture.md is not of this code: UPDATE_DOCS=1 dotnet test tests/Architecture.Tests draws it anew");
        Assert.DoesNotContain(ArchitecturePage.Missing, drawn, StringComparison.Ordinal);
    }
}
