using System.Text.RegularExpressions;

namespace Gateway.Tests.Admin;

/// <summary>The console as a browser gets it, and what the gateway behind it says. One gateway for all tests.</summary>
public sealed partial class ConsoleFixture : IAsyncLifetime
{
    /// <summary>What a cohort can be made to name: markup, text turned around, a bell, a mark on a mark.</summary>
    public static readonly string[] Names = ["<script>alert(1)</script>", "a\u202Egnp", "tab\u200B\uFEFF", "Z\u0301\u0301", "שלום"];

    public string Html { get; private set; } = "";

    public string Policy { get; private set; } = "";

    public string Status { get; private set; } = "";

    public string Explanation { get; private set; } = "";

    public string Style => StyleText().Match(Html).Value;

    public string Script => ScriptText().Match(Html).Value;

    public async ValueTask InitializeAsync()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 45)
            .Edit(config => config.Cohort("canary")["Users"] = System.Text.Json.JsonSerializer.SerializeToNode(Names)).StartAsync();
        using var page = await gateway.Admin.GetAsync("/console");
        Html = await page.TextAsync();
        Policy = page.Header("Content-Security-Policy")!;
        Status = await gateway.Admin.GetStringAsync("/status");
        Explanation = await gateway.Admin.GetStringAsync("/explain?path=/api/calendar&user=ada");
    }

    public ValueTask DisposeAsync() => default;

    [GeneratedRegex("(?<=<style>).*?(?=</style>)", RegexOptions.Singleline)]
    private static partial Regex StyleText();

    [GeneratedRegex("(?<=<script>).*?(?=</script>)", RegexOptions.Singleline)]
    private static partial Regex ScriptText();
}
