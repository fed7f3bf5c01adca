using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Harness;

/// <summary>
/// As much of JSON Schema 2020-12 as the documents of this repository use; a word that is not among it is a fault. Stricter in one thing:
/// a member that no schema names is a fault too, unless <c>additionalProperties</c> allows it.
/// </summary>
internal sealed class SchemaCheck(JsonObject root)
{
    private static readonly string[] Known =
    [
        "type", "properties", "required", "items", "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems",
        "maxItems", "additionalProperties", "allOf", "oneOf", "description", "default",
    ];

    public JsonObject Resolve(JsonNode schema)
    {
        var found = schema;
        while (found["$ref"] is { } reference)
            found = ((string)reference!).Split('/').Skip(1).Aggregate((JsonNode)root, (node, name) => node[name]!);
        return found.AsObject();
    }

    public IEnumerable<string> FindFaults(JsonNode schema, JsonNode? value, string path)
    {
        var shape = Resolve(schema);
        var faults = shape.Where(word => !Known.Contains(word.Key)).Select(word => $"{path}: {word.Key} is no word that is checked").ToList();
        if (shape["oneOf"] is JsonArray some)
            return some.Count(one => !FindFaults(one!, value, path).Any()) == 1 ? faults : [.. faults, $"{path}: is of none, or of several"];
        JsonObject[] parts = [shape, .. shape["allOf"]?.AsArray().Select(part => Resolve(part!)) ?? []];
        faults.AddRange(parts.SelectMany(part => FindOwnFaults(part, value, path)));
        if (value is JsonObject members)
            faults.AddRange(FindMemberFaults(parts, members, path));
        if (value is JsonArray items)
            faults.AddRange(parts.SelectMany(part => FindItemFaults(part, items, path)));
        return faults;
    }

    private static IEnumerable<string> FindOwnFaults(JsonObject shape, JsonNode? value, string path)
    {
        if (shape["type"] is { } type && !(type is JsonArray many ? many.Select(t => (string)t!) : [(string)type!]).Any(t => Is(t, value)))
            yield return $"{path}: {value?.ToJsonString() ?? "null"} is no {type.ToJsonString()}";
        if (shape["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value)))
            yield return $"{path}: {value?.ToJsonString() ?? "null"} is none of {values.ToJsonString()}";
        if (value?.GetValueKind() == JsonValueKind.String && (string)value! is { } text)
        {
            if (shape["pattern"] is { } pattern && !Regex.IsMatch(text, (string)pattern!))
                yield return $"{path}: {text} is not as {pattern}";
            if (shape["format"] is { } format && !HasFormat((string)format!, text))
                yield return $"{path}: {text} is no {format}";
            if (!InRange(shape, "minLength", "maxLength", text.Length))
                yield return $"{path}: {text.Length} characters";
        }

        if (value?.GetValueKind() == JsonValueKind.Number && !InRange(shape, "minimum", "maximum", (double)value))
            yield return $"{path}: {value} is out of its range";
        if (value is JsonArray items && !InRange(shape, "minItems", "maxItems", items.Count))
            yield return $"{path}: {items.Count} items";
    }

    private IEnumerable<string> FindMemberFaults(JsonObject[] parts, JsonObject members, string path)
    {
        foreach (var name in parts.SelectMany(part => part["required"]?.AsArray().Select(name => (string)name!) ?? []))
        {
            if (!members.ContainsKey(name))
                yield return $"{path}.{name}: is required";
        }

        var open = parts.Any(part => part["additionalProperties"] is not null || part.Count == 0);
        foreach (var (name, member) in members)
        {
            var shapes = parts.Select(part => part["properties"]?[name]).OfType<JsonNode>().ToArray();
            var others = parts.Select(part => part["additionalProperties"]).OfType<JsonObject>().Where(_ => shapes.Length == 0);
            if (shapes.Length == 0 && !open)
                yield return $"{path}.{name}: is not declared";
            foreach (var fault in shapes.Concat(others).SelectMany(shape => FindFaults(shape, member, $"{path}.{name}")))
                yield return fault;
        }
    }

    private IEnumerable<string> FindItemFaults(JsonObject shape, JsonArray items, string path) => shape["items"] is { } item
        ? items.SelectMany((value, index) => FindFaults(item, value, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")))
        : [];

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("string", JsonValueKind.String) or ("array", JsonValueKind.Array) => true,
        ("object", JsonValueKind.Object) or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger(decimal.Parse(value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)),
        _ => false,
    };

    private static bool HasFormat(string format, string text) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.Contains('T', StringComparison.Ordinal),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ => true,
    };

    private static bool InRange(JsonObject shape, string least, string most, double value) =>
        (shape[least] is not { } min || value >= (double)min) && (shape[most] is not { } max || value <= (double)max);
}
