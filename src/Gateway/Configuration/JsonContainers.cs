using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServiceDefaults.Options;

namespace Gateway.Configuration;

internal abstract partial record JsonShape
{
    private sealed record ListOf(JsonShape Item) : JsonShape
    {
        /// <summary>What is missing in an empty one, if it may not be empty.</summary>
        public string? Least { get; init; }

        public override string Wanted => "a list";

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                findings.Error(path, Show(value), Wanted);
                return;
            }

            if (Least is not null && value.GetArrayLength() == 0)
                findings.Error(path, "[]", Least);
            var index = 0;
            foreach (var item in value.EnumerateArray())
                Item.Check(item, Join(path, index++.ToString(CultureInfo.InvariantCulture)), findings);
        }

        public override JsonObject ToSchema()
        {
            var schema = new JsonObject { ["type"] = "array", ["items"] = Item.ToSchema() };
            if (Least is not null)
                schema["minItems"] = 1;
            return Describe(schema);
        }
    }

    private sealed record MapOf(JsonShape Value, string Expected, string KeyPattern, string[] Taken) : JsonShape
    {
        private readonly Regex _key = new(KeyPattern);

        /// <summary>What is missing in an empty one, if it may not be empty.</summary>
        public string? Least { get; init; }

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                findings.Error(path, Show(value), Wanted);
                return;
            }

            if (Least is not null && !value.EnumerateObject().Any())
                findings.Error(path, "{}", Least);
            foreach (var member in value.EnumerateObject())
            {
                // Configuration writes a path with colons: such a key would become two.
                if (member.Name.Contains(':') || !_key.IsMatch(member.Name) || member.Name.EndsWith('\n')
                    || Taken.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
                    findings.ErrorAtKey(Join(path, member.Name), member.Name, Expected);
                Value.Check(member.Value, Join(path, member.Name), findings);
            }
        }

        public override JsonObject ToSchema()
        {
            var names = Pattern(KeyPattern, Expected);
            if (Taken.Length > 0)
                names["not"] = new JsonObject { ["enum"] = new JsonArray([.. Taken.Select(name => (JsonNode)name)]) };
            var schema = new JsonObject
            {
                ["type"] = "object", ["propertyNames"] = names, ["additionalProperties"] = Value.ToSchema(),
            };
            if (Least is not null)
                schema["minProperties"] = 1;
            return Describe(schema);
        }
    }

    private sealed record MetadataOf((string Key, JsonShape Shape)[] Known) : JsonShape
    {
        private readonly JsonShape _any = Map(Text);

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            _any.Check(value, path, findings);
            if (value.ValueKind != JsonValueKind.Object)
                return;
            var names = Known.Select(k => k.Key).ToArray();
            foreach (var member in value.EnumerateObject())
            {
                var shape = Array.Find(Known, k => k.Key.Equals(member.Name, StringComparison.OrdinalIgnoreCase)).Shape;
                if (shape is null)
                {
                    findings.WarningAtKey(
                        Join(path, member.Name), Show(member.Value), $"a key this gateway reads: {string.Join(", ", names)}",
                        NearestName.Find(member.Name, names));
                }
                else if (member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
                    && Show(member.Value).Length > 0)
                {
                    shape.Check(member.Value, Join(path, member.Name), findings);
                }
            }
        }

        public override JsonObject ToSchema() => Describe(new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject([.. Known.Select(k => KeyValuePair.Create(k.Key, (JsonNode?)k.Shape.ToSchema()))]),
            ["additionalProperties"] = Text.ToSchema(),
        });
    }

    private sealed record ObjectOf((string Key, JsonShape Shape)[] Keys, string[] RequiredKeys) : JsonShape
    {
        public bool HidesUnknown { get; init; }

        private readonly Dictionary<string, JsonShape> _shapes =
            Keys.ToDictionary(k => k.Key, k => k.Shape, StringComparer.OrdinalIgnoreCase);

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                findings.Error(path, Show(value), Wanted);
                return;
            }

            foreach (var member in value.EnumerateObject())
            {
                if (_shapes.TryGetValue(member.Name, out var shape))
                    shape.Check(member.Value, Join(path, member.Name), findings);
                else
                    ReportUnknown(member, path, findings);
            }

            foreach (var key in RequiredKeys)
            {
                if (!value.EnumerateObject().Any(m => m.Name.Equals(key, StringComparison.OrdinalIgnoreCase)))
                    findings.Error(Join(path, key), null, _shapes[key].Wanted);
            }
        }

        public override JsonObject ToSchema()
        {
            var schema = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject([.. Keys.Select(k => KeyValuePair.Create(k.Key, (JsonNode?)k.Shape.ToSchema()))]),
                ["additionalProperties"] = false,
            };
            if (RequiredKeys.Length > 0)
                schema["required"] = new JsonArray([.. RequiredKeys.Select(key => (JsonNode)key)]);
            return Describe(schema);
        }

        private void ReportUnknown(JsonProperty member, string path, FindingList findings)
        {
            string[] known = [.. Keys.Select(k => k.Key).Where(key => !key.StartsWith('$'))];
            findings.ErrorAtKey(
                Join(path, member.Name), HidesUnknown ? "…" : Show(member.Value), $"no such key; known here: {string.Join(", ", known)}",
                NearestName.Find(member.Name, known));
        }
    }
}
