using System.Globalization;
using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>Where each value of a JSON text stands, by its path as configuration writes it; and which keys stand twice.</summary>
internal sealed class JsonPlaces
{
    private sealed record Place(long Key, long Value, bool IsScalar);

    /// <summary>What the reader is in: an object between two keys, or a list at its next item.</summary>
    private sealed class Level(string path, long at, bool isList)
    {
        public string Path => path;

        public long At => at;

        public bool IsList => isList;

        public HashSet<string> Keys { get; } = new(StringComparer.OrdinalIgnoreCase);

        public string Key { get; set; } = "";

        public long KeyAt { get; set; }

        public int Items { get; set; }
    }

    private readonly Dictionary<string, Place> _places = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Path, string Key, long At)> _repeated = [];
    private readonly TextLines _lines;

    private JsonPlaces(TextLines lines) => _lines = lines;

    /// <param name="open">Where the innermost object or list begins that the reader was in; null outside of all.</param>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static JsonPlaces Read(ReadOnlySpan<byte> json, TextLines lines, out long? open)
    {
        open = null;
        var places = new JsonPlaces(lines);
        var levels = new Stack<Level>();
        var reader = new Utf8JsonReader(json, ConfigJson.ReaderOptions);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    (levels.Peek().Key, levels.Peek().KeyAt) = (reader.GetString()!, reader.TokenStartIndex);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    levels.Pop();
                    break;
                default:
                    var path = places.Add(levels, reader.TokenStartIndex, reader.TokenType);
                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                        levels.Push(new(path, reader.TokenStartIndex, reader.TokenType == JsonTokenType.StartArray));
                    break;
            }

            open = levels.TryPeek(out var level) ? level.At : null;
        }

        return places;
    }

    /// <summary>Configuration takes keys for the same whatever their case; what it takes of two is anybody's guess.</summary>
    public void ReportRepeatedKeys(string file, List<ConfigFinding> all)
    {
        foreach (var (path, key, at) in _repeated)
        {
            var place = _lines.PlaceOf(at);
            all.Add(new(
                file, path, key, $"each key once, whatever its case: it stands already in line {_lines.PlaceOf(_places[path].Key).Line}",
                FindingSeverity.Error, place.Line, place.Column));
        }
    }

    /// <summary>Of a scalar itself, else of its key; of what is not there, the key of that in which it should be.</summary>
    public TextPlace Find(string path, bool atKey)
    {
        while (true)
        {
            if (_places.TryGetValue(path, out var place))
                return _lines.PlaceOf(place.IsScalar && !atKey ? place.Value : place.Key);
            // A key may itself have colons: the paths of what is below it are no guide, those above it are.
            path = path[..Math.Max(0, path.LastIndexOf(':'))];
            atKey = true;
        }
    }

    /// <summary>The path of the value, or of the key, that a byte belongs to.</summary>
    public string PathAt(long offset)
    {
        var (path, nearest) = ("", -1L);
        foreach (var (candidate, place) in _places)
        {
            var begin = place.IsScalar && place.Value <= offset ? place.Value : place.Key;
            if (begin <= offset && begin > nearest)
                (path, nearest) = (candidate, begin);
        }

        return path;
    }

    private string Add(Stack<Level> levels, long at, JsonTokenType kind)
    {
        var path = "";
        var key = at;
        if (levels.TryPeek(out var level))
        {
            var name = level.IsList ? (level.Items++).ToString(CultureInfo.InvariantCulture) : level.Key;
            path = level.Path.Length == 0 ? name : $"{level.Path}:{name}";
            key = level.IsList ? at : level.KeyAt;
        }

        var isScalar = kind is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
        _places.TryAdd(path, new(key, at, isScalar));
        if (level is { IsList: false } && !level.Keys.Add(level.Key))
            _repeated.Add((path, level.Key, key));
        return path;
    }
}
