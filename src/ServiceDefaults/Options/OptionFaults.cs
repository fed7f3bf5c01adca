namespace ServiceDefaults.Options;

/// <summary>What is wrong with one options section, all of it.</summary>
public sealed class OptionFaults(string section)
{
    private readonly List<string> _found = [];
    private readonly Dictionary<string, UnreadableValue> _unreadable = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (IFormattable Min, IFormattable Max)> _ranges = new(StringComparer.Ordinal);

    /// <param name="section">Where the options are bound from.</param>
    /// <param name="unreadable">Values that no option could take; the options hold their defaults instead.</param>
    internal OptionFaults(string section, IEnumerable<UnreadableValue> unreadable)
        : this(section)
    {
        foreach (var value in unreadable)
            _unreadable[value.Key] = value;
    }

    /// <summary>Each with key, value and what is legal; values that could not be read are among them, named by a rule or not.</summary>
    public IReadOnlyList<string> All =>
        [.. _found, .. _unreadable.Values.Select(value => Describe(value.Key, value.Text, value.Expected))];

    /// <summary>Those that a check asked for, by key: what the reference says is legal.</summary>
    internal IReadOnlyDictionary<string, (IFormattable Min, IFormattable Max)> Ranges => _ranges;

    public void Require(bool legal, string key, string value, string expected)
    {
        // What the rule looked at is the default: the fault is the value that is written.
        if (_unreadable.Remove(key, out var unreadable))
            _found.Add(Describe(key, unreadable.Text, expected));
        else if (!legal)
            _found.Add(Describe(key, value, expected));
    }

    public void Within<T>(string key, T value, T min, T max)
        where T : IComparable<T>, IFormattable
    {
        _ranges[key] = (min, max);
        var range = $"from {min} to {max}";
        if (_unreadable.TryGetValue(key, out var unreadable))
            range = $"{unreadable.Expected} {range}";
        Require(value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, key, value.ToString(null, null), range);
    }

    private string Describe(string key, string value, string expected) => $"{section}:{key}: \"{value}\", expected {expected}";
}
