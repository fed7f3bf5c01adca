using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Admin;

/// <summary>
/// The console's document: what it may do, who can use it, who can read it. Holds docs/contract.md section 9: the console.
/// </summary>
public sealed partial class ConsolePageTests(ConsoleFixture console) : IClassFixture<ConsoleFixture>
{
    private static readonly string[] Grounds = ["ground", "panel"];

    [Fact]
    public void Policy_AllowsTheTwoTextsOfThePageAndNothingElse()
    {
        var policy = console.Policy.Split("; ").Select(directive => directive.Split(' ', 2)).ToDictionary(d => d[0], d => d[1]);

        Assert.Equal("'none'", policy["default-src"]);
        Assert.Equal(Hash(console.Script), policy["script-src"]);
        Assert.Equal(Hash(console.Style), policy["style-src"]);
        Assert.Equal("'self'", policy["connect-src"]);
        Assert.Equal(("'none'", "'none'", "'none'"), (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]));
        Assert.DoesNotContain("unsafe", console.Policy, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(console.Html, "<script"));
        Assert.Single(Regex.Matches(console.Html, "<style"));
        // A policy without unsafe-inline ignores these, so nothing may need them.
        Assert.DoesNotMatch(@"<[^>]+\s(on\w+|style)=|javascript:|<(script|link|img)[^>]+(src|href)=""(?!data:)", console.Html);
        Assert.DoesNotMatch(@"innerHTML\s*=[^=]|outerHTML|insertAdjacentHTML|document\.write|eval\(|\.style\b", console.Script);
    }

    [Fact]
    public void Controls_AllHaveALabel_AndIdsAreOnce()
    {
        var ids = Id().Matches(console.Html).Select(m => m.Groups[1].Value).ToList();
        var labels = LabelFor().Matches(console.Html).Select(m => m.Groups[1].Value).ToHashSet();

        Assert.Equal(ids.Distinct(), ids);
        var controls = Control().Matches(console.Html).Select(m => m.Groups[2].Value).ToArray();
        Assert.Equal(6, controls.Length);
        Assert.All(controls, control => Assert.True(
            control.StartsWith("button>", StringComparison.Ordinal) || labels.Contains(Id().Match(control).Groups[1].Value), control));
        Assert.All(LabelledBy().Matches(console.Html), m => Assert.Contains(m.Groups[1].Value, ids));
        Assert.All(AskedFor().Matches(console.Script), m => Assert.Contains(m.Groups[1].Value, ids));
        Assert.All((string[])["state", "answer", "configuration"], id => Assert.Matches($"id=\"{id}\" aria-live=", console.Html));
        Assert.Contains("<html lang=\"en\">", console.Html, StringComparison.Ordinal);
        Assert.Contains("content=\"width=device-width, initial-scale=1\"", console.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("tabindex=\"1", console.Html, StringComparison.Ordinal);
    }

    /// <summary>WCAG 2.2, 1.4.3 and 1.4.11: texts 4.5 on every ground, edges of controls and the focus ring 3.</summary>
    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public void Colours_OnEveryGround_HaveContrast(string scheme)
    {
        var colours = Blocks(scheme);
        var texts = TextColour().Matches(console.Style).Select(m => m.Groups[1].Value).Distinct().ToArray();

        Assert.Superset(new HashSet<string>(["text", "dim", "good", "bad", "warn"]), texts.ToHashSet());
        foreach (var ground in Grounds)
        {
            Assert.All(texts, text => Assert.True(Contrast(colours[text], colours[ground]) >= 4.5,
                $"{text} on {ground}, {scheme}: {Contrast(colours[text], colours[ground])}"));
            Assert.All((string[])["edge", "focus"], edge =>
                Assert.True(Contrast(colours[edge], colours[ground]) >= 3, $"{edge} on {ground}"));
        }

        // Nothing else gives a text or a ground its colour, or takes some of it away.
        Assert.Equal(
            Grounds, GroundColour().Matches(console.Style).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain("opacity", console.Style, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"[^-\w](color|background)\s*:(?!\s*var\()", console.Style);
    }

    /// <summary>The custom properties of a scheme: the dark ones stand over the light ones.</summary>
    private Dictionary<string, string> Blocks(string scheme)
    {
        var colours = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var block in Root().Matches(console.Style).Take(scheme == "dark" ? 2 : 1))
        {
            foreach (Match colour in Colour().Matches(block.Value))
                colours[colour.Groups[1].Value] = colour.Groups[2].Value;
        }

        Assert.Equal(2, Root().Count(console.Style));
        return colours;
    }

    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>Relative luminance as WCAG 2.2 defines it, of <c>rrggbb</c>.</summary>
    private static double Luminance(string colour) =>
        (0.2126 * Channel(colour[..2])) + (0.7152 * Channel(colour[2..4])) + (0.0722 * Channel(colour[4..]));

    private static double Channel(string hex)
    {
        var share = int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
    }

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    [GeneratedRegex("\\bid=\"([^\"]+)\"")]
    private static partial Regex Id();

    [GeneratedRegex("<label for=\"([^\"]+)\"")]
    private static partial Regex LabelFor();

    [GeneratedRegex("aria-labelledby=\"([^\"]+)\"")]
    private static partial Regex LabelledBy();

    [GeneratedRegex("(<)((?:input|select|textarea|button)\\b[^>]*>)")]
    private static partial Regex Control();

    [GeneratedRegex("\\$\\(\"(\\w+)\"\\)")]
    private static partial Regex AskedFor();

    [GeneratedRegex(@":root \{[^}]*\}")]
    private static partial Regex Root();

    [GeneratedRegex("--([a-z]+): #([0-9a-f]{6})")]
    private static partial Regex Colour();

    [GeneratedRegex(@"[^-\w]color: var\(--([a-z]+)\)")]
    private static partial Regex TextColour();

    [GeneratedRegex(@"background: var\(--([a-z]+)\)")]
    private static partial Regex GroundColour();
}
