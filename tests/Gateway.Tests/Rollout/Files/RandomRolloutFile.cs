using System.Globalization;
using System.Text;

namespace Gateway.Tests.Rollout.Files;

/// <summary>A legal <c>rollout.json</c> as nobody would write it: keys in any case and escaped, comments and blanks anywhere.</summary>
internal sealed class RandomRolloutFile
{
    private static readonly string[] Names = ["canary", "canary2", "a canary", "größe 😀", "DefaultRolloutPercentage", "Cohorts", "20"];

    private static readonly string[] Gaps =
        ["", "", " ", "\n", "\r\n  ", "\t", "/* } \" 20 { */", "// \"DefaultRolloutPercentage\": 20,\n", "\n// é ]\r\n"];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private readonly List<(string Cohort, int From, int To)> _numbers = [];

    private RandomRolloutFile(Random random) => _random = random;

    public byte[] Bytes { get; private set; } = [];

    /// <summary>Where the percentage of each cohort stands, in bytes.</summary>
    public IReadOnlyList<(string Cohort, int From, int To)> Numbers => _numbers;

    public static RandomRolloutFile Create(Random random)
    {
        var file = new RandomRolloutFile(random);
        if (random.Next(3) == 0)
            file._text.Append('\uFEFF');
        var cohorts = Names.OrderBy(_ => random.Next()).Take(random.Next(1, 5)).ToArray();
        file.Object(
            ("feature_management", () => file.Object(("feature_flags", () => file.Array(() => file.Object(
                ("id", () => file.String("FLAG", false)), ("enabled", () => file._text.Append(file.Pick("true", "\"False\"")))))))),
            ("Cohorts", () => file.Object([.. cohorts.Select(name => (name, (Action)(() => file.Cohort(name))))])));
        file.Gap();
        file.Bytes = Encoding.UTF8.GetBytes(file._text.ToString());
        return file;
    }

    private void Cohort(string name)
    {
        (string, Action)[] members =
        [
            ("DefaultRolloutPercentage", () => Number(name)),
            ("Users", () => Array(() => String("ada \" \\ }", false))),
            ("Exclusion", () => Object(("Groups", () => Array(() => String("DefaultRolloutPercentage", false))))),
        ];
        Object([.. members.OrderBy(_ => _random.Next())]);
    }

    private void Number(string cohort)
    {
        var number = _random.NextDouble() * 100;
        var text = Pick(
            "20", "2e1", "0.2E+2", "0", "100", number.ToString("R", CultureInfo.InvariantCulture), number.ToString("E4", CultureInfo.InvariantCulture));
        var quoted = _random.Next(4) == 0;
        if (quoted)
            _text.Append('"');
        var from = Encoding.UTF8.GetByteCount(_text.ToString());
        _text.Append(text);
        _numbers.Add((cohort, from, from + text.Length));
        if (quoted)
            _text.Append('"');
    }

    private void Object(params (string Key, Action Value)[] members) => List('{', '}', [.. members.Select(member => (Action)(() =>
    {
        // A cohort's name is compared letter by letter, every other key is not.
        String(member.Key, anyCase: !Names.Contains(member.Key) || member.Key is "Cohorts" or "DefaultRolloutPercentage" && !_inCohorts);
        _text.Append(Pick("", " ", "\r\n\t")).Append(':'); // The reader takes no comment before a colon.
        Gap();
        var outer = _inCohorts;
        _inCohorts = member.Key == "Cohorts" && !outer;
        member.Value();
        _inCohorts = outer;
    }))]);

    private bool _inCohorts;

    private void Array(Action item) => List('[', ']', [item]);

    private void List(char open, char close, Action[] items)
    {
        _text.Append(open);
        for (var i = 0; i < items.Length; i++)
        {
            Gap();
            items[i]();
            Gap();
            if (i < items.Length - 1 || _random.Next(4) == 0)
                _text.Append(',');
        }

        Gap();
        _text.Append(close);
    }

    private void String(string value, bool anyCase)
    {
        _text.Append('"');
        foreach (var letter in value)
        {
            var c = anyCase && _random.Next(4) == 0 ? char.ToUpperInvariant(letter) : letter;
            if (c is '"' or '\\' || (_random.Next(6) == 0 && !char.IsSurrogate(c)))
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                _text.Append(c);
        }

        _text.Append('"');
    }

    private void Gap()
    {
        for (var i = _random.Next(3); i > 0; i--)
            _text.Append(Pick(Gaps));
    }

    private string Pick(params string[] texts) => texts[_random.Next(texts.Length)];
}
