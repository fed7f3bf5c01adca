using System.Globalization;
using System.Text.Json;
using ServiceDefaults.Options;

namespace Gateway.Configuration;

/// <summary>
/// What a JSON value may be. The configuration binder accepts almost anything and ignores what it does not
/// know, so a typo would change traffic silently: files are held to a shape before they are bound.
/// </summary>
internal abstract record JsonShape
{
    /// <summary>Reports every departure of <paramref name="value"/> from this shape.</summary>
    public abstract void Check(JsonElement value, string path, FindingList findings);

    public static JsonShape Any { get; } = new AnyShape();

    public static JsonShape Boolean { get; } = new Scalar("true or false", text => bool.TryParse(text, out _));

    public static JsonShape Text { get; } = new Scalar("a non-empty text", text => text.Length > 0);

    public static JsonShape Texts { get; } = new ListOf(Text);

    public static JsonShape Duration(TimeSpan min, TimeSpan max) => TextThat(
        string.Create(CultureInfo.InvariantCulture, $"{Durations.Expected} from {min:c} to {max:c}"),
        text => Durations.TryParse(text, out var span) && span >= min && span <= max);

    /// <summary>A single value that passes a test of its own.</summary>
    /// <param name="expected">What may stand there, in words.</param>
    public static JsonShape TextThat(string expected, Func<string, bool> legal) => new Scalar(expected, legal);

    public static JsonShape Number(double min, double max) => new Scalar(
        string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max);

    public static JsonShape Integer(long min, long max) => new Scalar(
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"),
        text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max);

    public static JsonShape OneOf(params string[] values) => new Scalar(
        "one of " + string.Join(", ", values),
        text => values.Contains(text, StringComparer.OrdinalIgnoreCase));

    /// <summary>A key of YARP's that may not stand here.</summary>
    public static JsonShape NotHere(string instead) => new Scalar(instead, _ => false);

    public static JsonShape Map(JsonShape value) => Map(value, "a key without a colon", static _ => true);

    /// <summary>An object whose keys are names that somebody chose.</summary>
    /// <param name="expected">What such a name looks like.</param>
    public static JsonShape Map(JsonShape value, string expected, Func<string, bool> legalKey) => new MapOf(value, expected, legalKey);

    public static JsonShape List(JsonShape item) => new ListOf(item);

    /// <summary>An object with these keys, compared as configuration compares them: without case.</summary>
    public static JsonShape Object(params (string Key, JsonShape Shape)[] keys) =>
        new ObjectOf(keys.ToDictionary(k => k.Key, k => k.Shape, StringComparer.OrdinalIgnoreCase));

    /// <summary>The same object, in which these keys must stand.</summary>
    public JsonShape Requiring(params string[] keys) => new Required(this, keys);

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";

    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object => "{…}",
        JsonValueKind.Array => "[…]",
        _ => value.GetRawText(),
    };

    private sealed record AnyShape : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
        }
    }

    private sealed record Scalar(string Expected, Func<string, bool> Legal) : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
            var scalar = value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
            if (!scalar || !Legal(Show(value)))
                findings.Error(path, Show(value), Expected);
        }
    }

    private sealed record ListOf(JsonShape Item) : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                findings.Error(path, Show(value), "a list");
                return;
            }

            var index = 0;
            foreach (var item in value.EnumerateArray())
                Item.Check(item, Join(path, index++.ToString(CultureInfo.InvariantCulture)), findings);
        }
    }

    private sealed record MapOf(JsonShape Value, string Expected, Func<string, bool> LegalKey) : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                findings.Error(path, Show(value), "an object");
                return;
            }

            foreach (var member in value.EnumerateObject())
            {
                // Configuration writes a path with colons: such a key would become two.
                if (member.Name.Length == 0 || member.Name.Contains(':') || !LegalKey(member.Name))
                    findings.Error(path, member.Name, Expected);
                Value.Check(member.Value, Join(path, member.Name), findings);
            }
        }
    }

    private sealed record Required(JsonShape Inner, string[] RequiredKeys) : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
            Inner.Check(value, path, findings);
            if (value.ValueKind != JsonValueKind.Object)
                return;
            foreach (var key in RequiredKeys)
            {
                if (!value.EnumerateObject().Any(m => m.Name.Equals(key, StringComparison.OrdinalIgnoreCase)))
                    findings.Error(Join(path, key), null, "a value");
            }
        }
    }

    private sealed record ObjectOf(Dictionary<string, JsonShape> Keys) : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                findings.Error(path, Show(value), "an object");
                return;
            }

            foreach (var member in value.EnumerateObject())
            {
                if (Keys.TryGetValue(member.Name, out var shape))
                    shape.Check(member.Value, Join(path, member.Name), findings);
                else if (member.Name != "$schema")
                    findings.Error(Join(path, member.Name), Show(member.Value), $"no such key; known here: {string.Join(", ", Keys.Keys)}");
            }
        }
    }
}
