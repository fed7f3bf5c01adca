using System.Globalization;
using System.Text.Json;
using CalendarService.Texts;

namespace CalendarService.Requests;

/// <summary>
/// Reads the fields of one JSON object and notes what is wrong with each, under its path, so that a caller
/// learns of all faults at once. A fault of type makes the whole answer <c>malformed-json</c>.
/// </summary>
internal sealed class JsonForm
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly FaultList _faults;

    public JsonForm(JsonElement root)
        : this(root, "", new FaultList())
    {
    }

    private JsonForm(JsonElement @object, string path, FaultList faults) => (_object, _path, _faults) = (@object, path, faults);

    public bool Has(string name) => _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public bool IsEmptyArray(string name) =>
        _object.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    public IEnumerable<string> Names => _object.EnumerateObject().Select(property => property.Name);

    public void Fault(string name, string fault) => _faults.Add(PathOf(name), fault, ofType: false);

    public bool IsFaulty => _faults.Any;

    /// <summary>Whether the field is there and is just this text.</summary>
    public bool Holds(string name, string? text) => text is not null && _object.TryGetProperty(name, out var value) && Is(value, text);

    /// <summary>Whether the field is there and is just these texts.</summary>
    public bool Holds(string name, IReadOnlyList<string>? texts) =>
        texts is not null && _object.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
        && value.GetArrayLength() == texts.Count && value.EnumerateArray().Zip(texts).All(pair => Is(pair.First, pair.Second));

    /// <exception cref="RefusedException">Anything was wrong.</exception>
    public void ThrowIfFaulty() => _faults.ThrowIfAny();

    /// <returns>Empty when missing or faulty.</returns>
    public string Text(string name, int longest, bool required = true)
    {
        var text = OptionalText(name, longest);
        if (text is null && required && !_faults.Has(PathOf(name)))
            Fault(name, "is required");
        else if (required && text is not null && string.IsNullOrWhiteSpace(text))
            Fault(name, "is empty");
        return text ?? "";
    }

    public string? OptionalText(string name, int longest) =>
        Has(name) ? TextOf(_object.GetProperty(name), PathOf(name), longest) : null;

    public int Number(string name, int lowest, int highest)
    {
        if (!Has(name))
        {
            Fault(name, "is required");
            return lowest;
        }

        var element = _object.GetProperty(name);
        if (element.ValueKind != JsonValueKind.Number)
        {
            var kind = element.ValueKind == JsonValueKind.String ? ", not a string: write it without quotes" : "";
            _faults.Add(PathOf(name), $"has to be a whole number from {lowest} to {highest}{kind}", ofType: true);
            return lowest;
        }

        // 7.0 and 7e0 are seven: that is how JavaScript's and Python's serialisers, and spreadsheets, write it at times.
        if (!element.TryGetDecimal(out var number) || decimal.Truncate(number) != number)
        {
            _faults.Add(PathOf(name), $"has to be a whole number from {lowest} to {highest}", ofType: true);
            return lowest;
        }

        if (number < lowest || number > highest)
        {
            Fault(name, $"has to be from {lowest} to {highest}");
            return lowest;
        }

        return (int)number;
    }

    public bool Flag(string name, bool otherwise)
    {
        if (!Has(name))
            return otherwise;
        var kind = _object.GetProperty(name).ValueKind;
        if (kind is not (JsonValueKind.True or JsonValueKind.False))
            _faults.Add(PathOf(name), "has to be true or false", ofType: true);
        return kind == JsonValueKind.True;
    }

    /// <summary>An array of strings; each must satisfy <paramref name="check"/>, which returns a fault or null.</summary>
    public IReadOnlyList<string> Texts(string name, int most, int longest, Func<string, string?>? check = null)
    {
        if (ArrayOf(name) is not { } array)
            return [];
        var texts = new List<string>();
        var index = 0;
        foreach (var element in array.EnumerateArray())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{index++}]");
            if (TextOf(element, path, longest) is not { } text)
                continue;
            if (check?.Invoke(text) is { } fault)
                _faults.Add(path, fault, ofType: false);
            texts.Add(text);
        }

        if (texts.Count > most)
            Fault(name, $"has {texts.Count} items; the most is {most}");
        return texts;
    }

    /// <summary>An array of objects, each a form that reports under its own path.</summary>
    public IReadOnlyList<JsonForm> Forms(string name, int most)
    {
        if (ArrayOf(name) is not { } array)
            return [];
        if (array.GetArrayLength() > most)
        {
            Fault(name, $"has {array.GetArrayLength()} items; the most is {most}");
            return [];
        }

        var forms = new List<JsonForm>();
        var index = 0;
        foreach (var element in array.EnumerateArray())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{index++}]");
            if (element.ValueKind == JsonValueKind.Object)
                forms.Add(new JsonForm(element, path, _faults));
            else
                _faults.Add(path, "has to be an object", ofType: true);
        }

        return forms;
    }

    private JsonElement? ArrayOf(string name)
    {
        if (!Has(name))
            return null;
        var element = _object.GetProperty(name);
        if (element.ValueKind == JsonValueKind.Array)
            return element;
        _faults.Add(PathOf(name), "has to be an array", ofType: true);
        return null;
    }

    private string? TextOf(JsonElement element, string path, int longest)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            _faults.Add(path, "has to be a string", ofType: true);
            return null;
        }

        if (!TryGetText(element, out var text))
        {
            _faults.Add(path, "contains half of a character (a surrogate without its pair), which cannot be stored", ofType: true);
            return null;
        }

        if (Characters.Exceed(text, longest))
            _faults.Add(path, $"has {Characters.Count(text)} characters; the most is {longest}", ofType: false);
        if (text.Contains('\0', StringComparison.Ordinal))
            _faults.Add(path, "contains U+0000, which cannot be stored", ofType: false);
        return text;
    }

    private static bool Is(JsonElement element, string text) =>
        element.ValueKind == JsonValueKind.String && TryGetText(element, out var found) && found == text;

    private static bool TryGetText(JsonElement element, out string text)
    {
        try
        {
            text = element.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = ""; // Half of a surrogate pair: JSON allows to write it, no encoding can store it.
            return false;
        }
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private sealed class FaultList
    {
        private const int Most = 100; // A calendar of 100,000 wrong entries gets an answer, not an echo.

        private readonly Dictionary<string, string[]> _byPath = new(StringComparer.Ordinal);
        private bool _ofType;

        public bool Any => _byPath.Count > 0;

        public bool Has(string path) => _byPath.ContainsKey(path);

        public void Add(string path, string fault, bool ofType)
        {
            _ofType |= ofType;
            if (_byPath.TryGetValue(path, out var faults))
                _byPath[path] = [.. faults, fault];
            else if (_byPath.Count < Most)
                _byPath[path] = [fault];
        }

        public void ThrowIfAny()
        {
            if (_byPath.Count == 0)
                return;
            var (path, faults) = _byPath.First();
            throw new RefusedException(
                StatusCodes.Status400BadRequest, _ofType ? "malformed-json" : "validation", $"{path}: {faults[0]}")
            {
                Errors = _byPath,
            };
        }
    }
}
