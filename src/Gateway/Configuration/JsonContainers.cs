using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServiceDefaults.Options;

namespace Gateway.Configuration;

internal abstract partial record JsonShape
{
    private static void CheckCount(int count, string empty, string? least, int most, string path, FindingList findings)
    {
        if (least is not null && count == 0)
            findings.Error(path, empty, least);
        if (count > most)
            findings.Error(path, string.Create(CultureInfo.InvariantCulture, $"{count} of them"), $"{most} at most");
    }

    private sealed record ListOf(JsonShape Item) : JsonShape
    {
        /// <summary>What is missing in an empty one, if it may not be empty.</summary>
        public string? Least { get; init; }

        public int Most { get; init; } = int.MaxValue;

        public override string Wanted => "a list";

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                findings.Error(path, Item.ShowSafely(value), Wanted);
                return;
            }

            CheckCount(value.GetArrayLength(), "[]", Least, Most, path, findings);
            var index = 0;
            foreach (var item in value.EnumerateArray())
                Item.Check(item, Join(path, index++.ToString(CultureInfo.InvariantCulture)), findings);
        }

        public override JsonObject ToSchema()
        {
            var schema = new JsonObject { ["type"] = "array", ["items"] = Item.ToSchema() };
            if (Least is not null)
                schema["minItems"] = 1;
            if (Most < int.MaxValue)
                schema["maxItems"] = Most;
            return Describe(schema);
        }
    }

    private sealed record MapOf(JsonShape Value, string Expected, string KeyPattern, string[] Taken) : JsonShape
    {
        private readonly Regex _key = new(KeyPattern);

        /// <summary>What is missing in an empty one, if it may not be empty.</summary>
        public string? Least { get; init; }

        public int Most { get; init; } = int.MaxValue;

        public override void Check(JsonElement value, string path, FindingList findings)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                findings.Error(path, Value.ShowSafely(value), Wanted);
                return;
            }

            CheckCount(value.GetPropertyCount(), "{}", Least, Most, path, findings);
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
            if (Most < int.MaxValue)
                schema["maxProperties"] = Most;
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
                findings.Error(path, ShowSafely(value), Wanted);
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

        protected override string ShowSafely(JsonElement value) =>
            HidesUnknown && value.ValueKind == JsonValueKind.String ? "…" : Show(value);

        private void ReportUnknown(JsonProperty member, string path, FindingList findings)
        {
            string[] known = [.. Keys.Select(k => k.Key).Where(key => !key.StartsWith('$'))];
            findings.ErrorAtKey(
                Join(path, member.Name), HidesUnknown ? "…" : Show(member.Value), $"no such key; known here: {string.Join(", ", known)}",
                NearestName.Find(member.Name, known));
        }
    }
}
