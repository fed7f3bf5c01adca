using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Configuration;

/// <summary>A single value. The binder reads texts: a number or a truth value may stand in quotes, and be a text without.</summary>
internal sealed record JsonScalar(string Expected, Func<string, bool> Legal) : JsonShape
{
    /// <summary>Names of which one is expected.</summary>
    public IReadOnlyList<string>? Known { get; init; }

    /// <summary>What people write here: string, boolean, number or integer, in a schema's words; a text is any of them.</summary>
    public string Type { get; init; } = "string";

    /// <summary>What of a text may be told, when it may hold a secret.</summary>
    public Func<string, string>? Shown { get; init; }

    public override string Wanted => Expected;

    public Func<JsonObject> Schema { get; init; } = () => [];

    public override void Check(JsonElement value, string path, FindingList findings)
    {
        var scalar = value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
        if (!scalar || !Legal(Show(value)))
            findings.Error(path, ShowSafely(value), Expected, Known ?? []);
    }

    protected override string ShowSafely(JsonElement value) =>
        Shown is not null && value.ValueKind == JsonValueKind.String ? Shown(value.GetString()!) : Show(value);

    public override JsonObject ToSchema() => Describe(Known is null ? Typed(Schema()) : Named(Known));

    private JsonObject Typed(JsonObject schema)
    {
        if (schema.ContainsKey("not"))
            return schema;
        schema.Insert(0, "type", Type switch
        {
            "string" => "string",
            "text" => new JsonArray("string", "number", "boolean"),
            _ => new JsonArray(Type, "string"),
        });
        if (Type is "number" or "integer")
            Add(schema, Pattern(Type == "number" ? @"^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$" : "^[+-]?[0-9]+$", Expected));
        return schema;
    }

    /// <summary>Editors offer the names; their case does not matter.</summary>
    private JsonObject Named(IReadOnlyList<string> names)
    {
        var choices = new JsonArray([.. names.Select(name => Type == "boolean" ? (JsonNode)bool.Parse(name) : name)]);
        foreach (var number in names
            .Where(name => double.TryParse(name, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
            .Select(name => double.Parse(name, CultureInfo.InvariantCulture)).Distinct())
            choices.Add(number);
        var anyCase = string.Join('|', names.Select(AnyCase));
        return new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["enum"] = choices }, Add(new() { ["type"] = "string" }, Pattern($"^({anyCase})$", Expected))),
        };
    }

    private static string AnyCase(string name) => string.Concat(name.Select(c =>
        char.IsAsciiLetter(c) ? $"[{char.ToUpperInvariant(c)}{char.ToLowerInvariant(c)}]" : c == '.' ? @"\." : c.ToString()));

    private static JsonObject Add(JsonObject schema, JsonObject more)
    {
        foreach (var (key, value) in more)
            schema[key] = value?.DeepClone();
        return schema;
    }
}
