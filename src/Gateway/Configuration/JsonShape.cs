using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Configuration;

/// <summary>
/// What a JSON value may be. The configuration binder accepts almost anything and ignores what it does not
/// know, so a typo would change traffic silently: files are held to a shape before they are bound. Editors get the same shape as a schema.
/// </summary>
internal abstract partial record JsonShape
{
    /// <summary>What a person who writes such a value has to know; stands in the schema.</summary>
    public string? Description { get; init; }

    public static JsonShape Any { get; } = new AnyShape();

    public static JsonShape Boolean { get; } = OneOf("true", "false") with { Expected = "true or false", Type = "boolean" };

    public static JsonShape Text { get; } = new JsonScalar("a non-empty text", text => text.Length > 0)
    {
        Type = "text", Schema = () => new() { ["minLength"] = 1 },
    };

    public static JsonShape Texts { get; } = List(Text);

    /// <summary>What has to stand there, where nothing stands.</summary>
    public virtual string Wanted => "an object";

    /// <summary>Reports every departure of <paramref name="value"/> from this shape.</summary>
    public abstract void Check(JsonElement value, string path, FindingList findings);

    /// <summary>As JSON Schema (draft 7) has it, as far as that can say it.</summary>
    public abstract JsonObject ToSchema();

    public JsonShape As(string description) => this with { Description = description };

    public static JsonShape Duration(TimeSpan min, TimeSpan max) => DurationShape.Create(min, max);

    /// <summary>A single value that passes a test of its own.</summary>
    /// <param name="expected">What may stand there, in words.</param>
    /// <param name="pattern">What all legal values match, for editors.</param>
    public static JsonShape TextThat(string expected, Func<string, bool> legal, string? pattern = null) =>
        new JsonScalar(expected, legal) { Schema = () => pattern is null ? [] : Pattern(pattern, expected) };

    /// <summary>The same, which may hold a secret.</summary>
    /// <param name="show">What of it may be told.</param>
    public static JsonShape SecretThat(string expected, Func<string, bool> legal, Func<string, string> show, string pattern) =>
        new JsonScalar(expected, legal) { Shown = show, Schema = () => Pattern(pattern, expected) };

    /// <summary>A text that matches a pattern as a whole; .NET and ECMAScript have to read the pattern alike.</summary>
    public static JsonShape Matching(string expected, string pattern) =>
        // The framework's $ also stands before a line's end at the end.
        TextThat(expected, text => Regex.Match(text, pattern) is { Success: true } match && match.Length == text.Length, pattern);

    public static JsonShape Number(double min, double max) => new JsonScalar(
        string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max)
    {
        Type = "number", Schema = () => new() { ["minimum"] = min, ["maximum"] = max },
    };

    public static JsonShape NumberAbove(double min, double max) => new JsonScalar(
        string.Create(CultureInfo.InvariantCulture, $"a number above {min}, up to {max}"),
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && n > min && n <= max)
    {
        Type = "number", Schema = () => new() { ["exclusiveMinimum"] = min, ["maximum"] = max },
    };

    public static JsonShape Integer(long min, long max) => new JsonScalar(
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"),
        text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max)
    {
        Type = "integer", Schema = () => new() { ["minimum"] = min, ["maximum"] = max },
    };

    public static JsonScalar OneOf(params string[] values) => new(
        "one of " + string.Join(", ", values), text => values.Contains(text, StringComparer.OrdinalIgnoreCase)) { Known = values };

    /// <summary>A key of YARP's that may not stand here.</summary>
    public static JsonShape NotHere(string instead) => new JsonScalar(instead, _ => false)
    {
        Schema = () => new() { ["not"] = new JsonObject() },
    };

    public static JsonShape Map(JsonShape value) => Map(value, "a key without a colon", "^[^:]+$");

    /// <summary>An object whose keys are names that somebody chose.</summary>
    /// <param name="expected">What such a name looks like.</param>
    /// <param name="pattern">What it matches.</param>
    /// <param name="taken">Names that have a meaning of their own.</param>
    public static JsonShape Map(JsonShape value, string expected, string pattern, params string[] taken) =>
        new MapOf(value, expected, pattern, taken);

    /// <summary>An object whose keys mean something to whoever knows them; another key is a warning, because somebody else may.</summary>
    public static JsonShape Metadata(params (string Key, JsonShape Shape)[] known) => new MetadataOf(known);

    public static JsonShape List(JsonShape item) => new ListOf(item);

    /// <summary>An object with these keys, compared as configuration compares them: without case.</summary>
    public static JsonShape Object(params (string Key, JsonShape Shape)[] keys) => new ObjectOf(keys, []);

    /// <summary>One whose values may be secrets: a misspelt key is told without its value.</summary>
    public static JsonShape ObjectOfSecrets(params (string Key, JsonShape Shape)[] keys) => new ObjectOf(keys, []) { HidesUnknown = true };

    /// <summary>The same list, or object of chosen names, which may not be empty.</summary>
    /// <param name="least">What is missing then.</param>
    public JsonShape NotEmpty(string least) => this is MapOf map ? map with { Least = least } : (ListOf)this with { Least = least };

    /// <summary>The same list, or object of chosen names, which may have so many and no more.</summary>
    public JsonShape AtMost(int most) => this is MapOf map ? map with { Most = most } : (ListOf)this with { Most = most };

    /// <summary>The same object, in which these keys must stand.</summary>
    public JsonShape Requiring(params string[] keys) => (ObjectOf)this with { RequiredKeys = keys };

    protected static JsonObject Pattern(string pattern, string expected) =>
        // Editors show the second in place of the first.
        new() { ["pattern"] = pattern, ["patternErrorMessage"] = $"Expected {expected}." };

    protected static string Join(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";

    protected static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object => "{…}",
        JsonValueKind.Array => "[…]",
        _ => value.GetRawText(),
    };

    /// <summary>What stands here as it may be told: all of it, unless that may be a secret.</summary>
    protected virtual string ShowSafely(JsonElement value) => Show(value);

    /// <summary>A schema's keys, after what a person has to know.</summary>
    protected JsonObject Describe(JsonObject schema)
    {
        if (Description is not null)
            schema.Insert(0, "description", Description);
        return schema;
    }

    private sealed record AnyShape : JsonShape
    {
        public override void Check(JsonElement value, string path, FindingList findings)
        {
        }

        public override JsonObject ToSchema() => Describe([]);
    }
}
